/** The cloud room is loaded by the commands that need it, and by nothing else. */
export type CloudRoom = Awaited<ReturnType<typeof loadCloud>>;

export function loadCloud() {
  return import("../../../cloud/index.ts");
}
