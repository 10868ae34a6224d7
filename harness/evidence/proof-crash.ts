import { type CaptureRef, checkers, type Crash, type Recovery } from "../contract/index.ts";
import * as d from "./decode.ts";

/** The crash states that a boot declares, as they are stored; their boots and captures as elsewhere in the proof. */
export function crashDecoder(
  recovery: d.Decoder<Recovery>,
  captureRef: d.Decoder<CaptureRef>,
): d.Decoder<Crash> {
  return d.object(
    {
      window: d.pair(d.string, d.string),
      disk: d.string,
      reorder: d.count,
      torn: d.boolean,
      sample: d.count,
      recovers: d.array(recovery),
      same: d.array(d.pair(captureRef, captureRef)),
    },
    { check: d.oneOf(checkers) },
  );
}
