import type { RunLabels } from "../names.ts";
import { regionOf, type Scope } from "../types.ts";
import { count, emptyMap, exactly, type Form, is, listOf, object, optional, text, tuple } from "./shape.ts";

/** What a run's own requests are held to. */
export interface RunScope extends Scope {
  readonly name: string;
  readonly object: string;
  readonly labels: RunLabels;
}

/** An image made from our object and from nothing else. */
export function imageBody(scope: RunScope): Form {
  return object({
    name: is(scope.name),
    description: optional(text(/^[\x20-\x7e]{0,500}$/u)),
    architecture: is("X86_64"),
    rawDisk: object({ source: is(`https://storage.googleapis.com/${scope.bucket}/${scope.object}`) }),
    guestOsFeatures: optional(listOf(object({ type: is("UEFI_COMPATIBLE", "VIRTIO_SCSI_MULTIQUEUE") }), 2)),
    storageLocations: optional(tuple(is(regionOf(scope.zones[0] ?? "")))),
    labels: exactly(scope.labels),
  });
}

/**
 * An instance that nobody can reach, that has no identity, that costs little and that the provider deletes by
 * itself. What is not listed cannot be sent: no public address, no service account, no metadata, no other disk.
 */
export function instanceBody(scope: RunScope, zone: string): Form {
  const disk = object({
    boot: is(true),
    autoDelete: is(true),
    interface: optional(is("SCSI", "NVME")),
    initializeParams: object({
      diskName: is(scope.name),
      sourceImage: is(`projects/${scope.project}/global/images/${scope.name}`),
      diskSizeGb: count(10, scope.diskGb),
      diskType: is(`projects/${scope.project}/zones/${zone}/diskTypes/pd-standard`),
      labels: exactly(scope.labels),
      resourceManagerTags: optional(emptyMap),
    }),
  });
  const network = object({
    subnetwork: is(`projects/${scope.project}/regions/${regionOf(zone)}/subnetworks/${scope.subnetwork}`),
  });
  return object({
    name: is(scope.name),
    description: optional(text(/^[\x20-\x7e]{0,500}$/u)),
    machineType: is(...scope.machineTypes.map((type) => `zones/${zone}/machineTypes/${type}`)),
    disks: tuple(disk),
    networkInterfaces: tuple(network),
    scheduling: object({
      automaticRestart: is(false),
      onHostMaintenance: is("MIGRATE"),
      maxRunDuration: object({ seconds: count(60, scope.maxRunSeconds) }),
      instanceTerminationAction: is("DELETE"),
    }),
    shieldedInstanceConfig: optional(
      object({ enableSecureBoot: is(false), enableVtpm: is(false), enableIntegrityMonitoring: is(false) }),
    ),
    deletionProtection: is(false),
    labels: exactly(scope.labels),
  });
}
