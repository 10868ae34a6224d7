import type { BootSpec, MachineSpec, Send, SendTrigger } from "../contract/index.ts";
import { readDuration } from "./proof-values.ts";
import type { Cursor } from "./reader.ts";

/** How long a prompt or an echo may take, unless a proof says otherwise. */
const within = "10s";

/** What a boot declares of typing. */
export function readSends(boot: Cursor): Pick<BootSpec, "sends"> {
  const sends = boot.field("sends");
  return sends.present ? { sends: sends.list().map(readSend) } : {};
}

/** Devices of a machine beside its first serial port and its disks. */
export function readPorts(machine: Cursor): Pick<MachineSpec, "terminal" | "network"> {
  return {
    ...(machine.field("terminal").boolean(false) ? { terminal: true } : {}),
    ...(machine.field("network").boolean(false) ? { network: true } : {}),
  };
}

function readSend(send: Cursor): Send {
  return {
    name: send.field("name").string(),
    on: readTrigger(send),
    text: send.field("text").string(),
    echo: send.field("echo").boolean(false),
    port: send.field("port").word(["console", "terminal"], "console"),
    withinMs: readDuration(send.field("within"), within),
  };
}

function readTrigger(send: Cursor): SendTrigger {
  const [at, prompt, after] = [send.field("at"), send.field("prompt"), send.field("after")];
  if ([at, prompt, after].filter((f) => f.present).length !== 1) {
    send.refuse("a send has one of `at` (a landmark), `prompt` and `after` (what a peer has seen)");
  }
  if (prompt.present) return { on: "prompt", text: prompt.string() };
  if (after.present) return { on: "peer", expectation: after.string() };
  return { on: "landmark", landmark: at.string("") };
}
