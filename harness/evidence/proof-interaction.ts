import * as d from "./decode.ts";

/** What a boot declares of typing, as it is stored. */
export const sendDecoder = d.object({
  name: d.string,
  on: d.tagged("on", {
    landmark: d.object({ on: d.oneOf(["landmark"]), landmark: d.string }),
    prompt: d.object({ on: d.oneOf(["prompt"]), text: d.string }),
    peer: d.object({ on: d.oneOf(["peer"]), expectation: d.string }),
  }),
  text: d.string,
  echo: d.boolean,
  port: d.oneOf(["console", "terminal"]),
  withinMs: d.number,
});
