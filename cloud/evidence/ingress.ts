import { resourceName, type RunId } from "../names.ts";
import { regionOf, type Scope } from "../types.ts";

/** What a run that can be reached from outside would need beside a private one. Nothing here can be sent. */
export interface IngressPlan {
  readonly calls: readonly { readonly method: string; readonly path: string; readonly why: string }[];
  readonly permissions: readonly string[];
  /** What stands against it until somebody decides otherwise. */
  readonly hold: readonly string[];
}

/**
 * Plans public ingress and stops there: the allowlist has no rule for a firewall, an address or an access
 * configuration, so that none of these calls could leave even by mistake.
 */
export function ingressPlan(run: RunId, scope: Scope): IngressPlan {
  const project = `/compute/v1/projects/${scope.project}`;
  const zone = scope.zones[0] ?? "";
  const rule = `${project}/global/firewalls`;
  const name = resourceName(run);
  return {
    calls: [
      {
        method: "POST",
        path: `${project}/regions/${regionOf(zone)}/addresses`,
        why: "an address of the run's own",
      },
      { method: "POST", path: rule, why: `TCP 443 to what carries the tag ${name}, from one source range` },
      {
        method: "POST",
        path: `${project}/zones/${zone}/instances`,
        why: "the instance, with that tag and address",
      },
      { method: "DELETE", path: `${rule}/${name}`, why: "the rule goes first, before anything else" },
      {
        method: "DELETE",
        path: `${project}/regions/${regionOf(zone)}/addresses/${name}`,
        why: "the address",
      },
    ],
    permissions: [
      "compute.addresses.create",
      "compute.addresses.delete",
      "compute.addresses.get",
      "compute.addresses.list",
      "compute.addresses.use",
      "compute.firewalls.create",
      "compute.firewalls.delete",
      "compute.firewalls.get",
      "compute.firewalls.list",
      "compute.networks.updatePolicy",
      "compute.subnetworks.useExternalIp",
    ],
    hold: [
      "the kernel has no network device that GCE shows (virtio-net by MSI-X, or gVNIC), and no TLS",
      "firewall rules carry no labels, so that a sweep could know them by name and description alone",
      "an authorisation has no field that allows a run to be reached",
    ],
  };
}
