import { interfaceIds } from "../build/index.ts";
import type { LoadOptions } from "../manifest/index.ts";

/** How this checkout's manifests are loaded: the interfaces are those of its one schema. */
export const loadOptions: LoadOptions = { interfaces: interfaceIds };
