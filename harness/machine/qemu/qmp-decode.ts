/** One message of QEMU's machine protocol, as far as it is understood here. */
export type QmpMessage =
  | { readonly kind: "greeting"; readonly version: string }
  | { readonly kind: "return"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly description: string }
  | { readonly kind: "event"; readonly event: string; readonly data: Readonly<Record<string, unknown>> };

/** No answer that is asked for here comes near this; a longer line is not the protocol. */
const maxLine = 4 << 20;

/** Cuts the byte stream into messages. What is no message is dropped: the process's end tells the rest. */
export class QmpDecoder {
  readonly #decoder = new TextDecoder();
  #rest = "";

  add(bytes: Uint8Array): QmpMessage[] {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > maxLine) this.#rest = "";
    return lines.flatMap((line) => parseMessage(line) ?? []);
  }
}

export function parseMessage(line: string): QmpMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { QMP: greeting, event, id, error } = value;
  if (isRecord(greeting)) return { kind: "greeting", version: showVersion(greeting["version"]) };
  if (typeof event === "string") {
    return { kind: "event", event, data: isRecord(value["data"]) ? value["data"] : {} };
  }
  if (typeof id !== "number") return undefined;
  if (isRecord(error)) return { kind: "error", id, description: String(error["desc"] ?? "no description") };
  return "return" in value ? { kind: "return", id, value: value["return"] } : undefined;
}

/** `7.2.22 (Debian 1:7.2+dfsg-7)`, as `--version` prints it. */
function showVersion(version: unknown): string {
  if (!isRecord(version) || !isRecord(version["qemu"])) return "unknown";
  const { major, minor, micro } = version["qemu"];
  const packaged = typeof version["package"] === "string" ? version["package"].trim() : "";
  return `${String(major)}.${String(minor)}.${String(micro)}${packaged === "" ? "" : ` (${packaged})`}`;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
