import type * as Inspect from "./inspect/index.ts";
import type * as Replay from "./replay/index.ts";

/** Parts of this room that most runs never need; each is loaded when it is asked for. */

export const loadReplay = (): Promise<typeof Replay> => import("./replay/index.ts");
export const loadInspect = (): Promise<typeof Inspect> => import("./inspect/index.ts");
