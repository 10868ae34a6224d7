/** Kinds of resource that a run may make, in the order in which it makes them. */
export const resourceKinds = ["object", "image", "instance", "disk"] as const;
export type ResourceKind = (typeof resourceKinds)[number];

/** One resource by its name. An object lives in a bucket, an instance and its boot disk in a zone. */
export type ResourceRef =
  | { readonly kind: "object"; readonly name: string; readonly bucket: string }
  | { readonly kind: "image"; readonly name: string }
  | { readonly kind: "instance" | "disk"; readonly name: string; readonly zone: string };

/** Where and how large a run may be. What is not here cannot be asked of the provider. */
export interface Scope {
  readonly project: string;
  /** In the order in which they are tried. All of one region. */
  readonly zones: readonly string[];
  readonly bucket: string;
  /** Name of a subnetwork of the zones' region. */
  readonly subnetwork: string;
  readonly machineTypes: readonly string[];
  readonly diskGb: number;
  /** The provider itself deletes the instance after so many seconds of running. */
  readonly maxRunSeconds: number;
}

/** `europe-west1-b` lies in `europe-west1`. */
export function regionOf(zone: string): string {
  return zone.replace(/-[a-z]$/u, "");
}
