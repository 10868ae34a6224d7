import { objectName, resourceName, type RunId, type RunLabels } from "../names.ts";
import { regionOf, type Scope } from "../types.ts";

/** The firmware and the disk's controller that an instance shows. */
export interface Hardware {
  readonly firmware: "bios" | "uefi";
  readonly disk: "scsi" | "nvme";
}

/** An image from the uploaded archive. */
export function imageBody(run: RunId, scope: Scope, labels: RunLabels, hardware: Hardware): object {
  return {
    name: resourceName(run),
    description: JSON.stringify(labels),
    architecture: "X86_64",
    rawDisk: { source: `https://storage.googleapis.com/${scope.bucket}/${objectName(run)}` },
    ...(hardware.firmware === "uefi" ? { guestOsFeatures: [{ type: "UEFI_COMPATIBLE" }] } : {}),
    labels,
  };
}

/**
 * An instance of the smallest kind that nobody can reach and that the provider itself deletes. Absence says what
 * matters most: no access configuration is no public address, no service account is no identity.
 */
export function instanceBody(
  run: RunId,
  scope: Scope,
  zone: string,
  labels: RunLabels,
  hardware: Hardware,
): object {
  const name = resourceName(run);
  const project = `projects/${scope.project}`;
  return {
    name,
    description: JSON.stringify(labels),
    machineType: `zones/${zone}/machineTypes/${scope.machineTypes[0] ?? ""}`,
    disks: [
      {
        boot: true,
        autoDelete: true,
        interface: hardware.disk === "nvme" ? "NVME" : "SCSI",
        initializeParams: {
          diskName: name,
          sourceImage: `${project}/global/images/${name}`,
          diskSizeGb: String(scope.diskGb),
          diskType: `${project}/zones/${zone}/diskTypes/pd-standard`,
          labels,
        },
      },
    ],
    networkInterfaces: [
      { subnetwork: `${project}/regions/${regionOf(zone)}/subnetworks/${scope.subnetwork}` },
    ],
    scheduling: {
      automaticRestart: false,
      // E2 machines refuse anything else.
      onHostMaintenance: "MIGRATE",
      maxRunDuration: { seconds: String(scope.maxRunSeconds) },
      instanceTerminationAction: "DELETE",
    },
    ...(hardware.firmware === "uefi"
      ? {
          shieldedInstanceConfig: {
            enableSecureBoot: false,
            enableVtpm: false,
            enableIntegrityMonitoring: false,
          },
        }
      : {}),
    deletionProtection: false,
    labels,
  };
}
