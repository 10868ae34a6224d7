import { diskErrnos, diskOperations, type Fault, type Keep } from "../contract/index.ts";
import * as d from "./decode.ts";

const trigger = { name: d.string, at: d.string, afterMs: d.number };

/** What a boot declares to go wrong, as it is stored. */
export const faultDecoder: d.Decoder<Fault> = d.tagged("kind", {
  "disk-error": d.object(
    {
      ...trigger,
      kind: d.oneOf(["disk-error"]),
      disk: d.string,
      op: d.oneOf(diskOperations),
      errno: d.oneOf(diskErrnos),
      once: d.boolean,
    },
    { offset: d.count },
  ),
  "torn-write": d.object({ ...trigger, kind: d.oneOf(["torn-write"]), disk: d.string, bytes: d.count }),
  "disk-full": d.object({ ...trigger, kind: d.oneOf(["disk-full"]), disk: d.string }),
  "link-down": d.object({ ...trigger, kind: d.oneOf(["link-down"]), forMs: d.number }),
  unplug: d.object({ ...trigger, kind: d.oneOf(["unplug"]), disk: d.string }),
  nmi: d.object({ ...trigger, kind: d.oneOf(["nmi"]) }),
  "stop-cpu": d.object({ ...trigger, kind: d.oneOf(["stop-cpu"]), cpu: d.count, forMs: d.number }),
  reset: d.object({ ...trigger, kind: d.oneOf(["reset"]) }),
});

const random = d.object({ random: d.count });
const word = d.oneOf(["none", "all"]);

/** What a power cut keeps of what was not flushed. */
export const keepDecoder: d.Decoder<Keep> = (value, at) =>
  typeof value === "string" ? word(value, at) : random(value, at);
