/** A serial port of the machine: the one that is judged, or the second one, which is typed at and read. */
export type Port = "console" | "terminal";

/** Text that is typed at a serial port when something has happened. A boot's sends come in order, one at a time. */
export interface Send {
  readonly name: string;
  readonly on: SendTrigger;
  /** Exactly what is typed; a line end is part of it. */
  readonly text: string;
  /** Typed in pieces, each when the guest has echoed the one before it. */
  readonly echo: boolean;
  readonly port: Port;
  /** Budget of a prompt, from the send before it (the banner for the first), and of the echo. In milliseconds. */
  readonly withinMs: number;
}

export type SendTrigger =
  | { readonly on: "landmark"; readonly landmark: string }
  /** Text that the port has shown since the send before it. */
  | { readonly on: "prompt"; readonly text: string }
  /** What a peer was expected to see, as `peer.expectation`. */
  | { readonly on: "peer"; readonly expectation: string };

/** Half the FIFO of a serial port, so that a piece is never cut by a full one. */
const pieceBytes = 8;

export interface Typing {
  /** Typed one after the other; each must come back before the next. */
  readonly echoed: readonly Uint8Array[];
  /** Typed last, without waiting: the line end of an echoed text, or all of a text that is not. */
  readonly rest: Uint8Array;
}

/** How a text is typed. The line end of an echoed text comes last, so that nothing is carried out half. */
export function typingOf({ text, echo }: Pick<Send, "text" | "echo">): Typing {
  if (!echo) return { echoed: [], rest: Buffer.from(text) };
  const body = Buffer.from(text.replace(/[\r\n]+$/u, ""));
  const echoed = Array.from({ length: Math.ceil(body.length / pieceBytes) }, (_, i) =>
    body.subarray(i * pieceBytes, (i + 1) * pieceBytes),
  );
  return { echoed, rest: Buffer.from(text).subarray(body.length) };
}

/** What a send waits for, for a person. */
export function triggerWords({ on, name }: Pick<Send, "on" | "name">): string {
  switch (on.on) {
    case "landmark":
      return `\`${on.landmark}\`, at which \`${name}\` is typed`;
    case "prompt":
      return `the prompt ${JSON.stringify(on.text)} of \`${name}\``;
    case "peer":
      return `\`${on.expectation}\`, after which \`${name}\` is typed`;
  }
}
