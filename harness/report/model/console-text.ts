/**
 * A console's bytes as text that can be shown anywhere and still says which bytes there were. What cannot be seen
 * (controls, invalid UTF-8, bidirectional and zero-width characters) is one private-use character a byte,
 * U+E000 + byte; those that the guest prints itself are written so too, so that nothing is ambiguous.
 * No module of Node is used here: the page reads the same form.
 */
import { isUnseen } from "../text.ts";

const base = 0xe000;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** One line, without its end. */
export function encodeLine(bytes: Uint8Array): string {
  let ascii = "";
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte > 0x7e || (byte < 0x20 && byte !== 9)) return encodeAny(bytes);
    ascii += String.fromCharCode(byte);
  }
  return ascii;
}

function encodeAny(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes[at] ?? 0);
    const sequence = bytes.subarray(at, at + length);
    const character = decode(sequence);
    if (character === undefined) {
      text += String.fromCharCode(base + (bytes[at] ?? 0));
      at += 1;
    } else {
      text += mustHide(character) ? hidden(sequence) : character;
      at += length;
    }
  }
  return text;
}

/** How long the sequence is that this byte begins, if it begins one. */
function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

function decode(sequence: Uint8Array): string | undefined {
  try {
    const text = decoder.decode(sequence);
    // A byte-order mark is swallowed by the decoder, and a short sequence at the end is a fault.
    return text === "" ? undefined : text;
  } catch {
    return undefined;
  }
}

function mustHide(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return isUnseen(character) || (code >= base && code < base + 0x100);
}

function hidden(sequence: Uint8Array): string {
  return [...sequence].map((byte) => String.fromCharCode(base + byte)).join("");
}

/** Cuts encoded text into what is shown as it is and bytes that are written out. */
export function* segments(text: string): Generator<{ readonly text: string } | { readonly byte: number }> {
  let open = "";
  for (const c of text) {
    const byte = (c.codePointAt(0) ?? 0) - base;
    if (byte < 0 || byte > 0xff) {
      open += c;
      continue;
    }
    if (open !== "") yield { text: open };
    open = "";
    yield { byte };
  }
  if (open !== "") yield { text: open };
}

/** Encoded text as a log shows it: `\xNN` for each byte that cannot be seen. */
export function plainText(encoded: string): string {
  return encoded.replace(/[\ue000-\ue0ff]/gu, (c) => hexByte((c.codePointAt(0) ?? 0) - base));
}

export function hexByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
