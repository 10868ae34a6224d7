import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Automaton } from "./automaton.ts";
import { mustParseExpression } from "./expression.ts";
import { PortText } from "./port-text.ts";
import { caposForeign } from "./speech.ts";

const foreign = new Automaton(mustParseExpression(caposForeign));

function portOf(...chunks: readonly string[]): PortText {
  const port = new PortText(foreign);
  for (const chunk of chunks) port.push(Buffer.from(chunk));
  return port;
}

function take(port: PortText, text: string): boolean {
  return port.take(Buffer.from(text));
}

describe("text of a port", () => {
  test("is found in order, each part once", () => {
    const port = portOf("a b", " a");
    expect([take(port, "b"), take(port, "a"), take(port, "a")]).toEqual([true, true, false]);
    port.push(Buffer.from("a!"));
    expect([take(port, "a"), port.surplus]).toEqual([true, 1]);
  });

  test("is sought behind what was used", () => {
    const port = portOf("banner x\nx");
    port.useLine(0);
    expect([take(port, "x"), take(port, "x")]).toEqual([true, false]);
  });

  test("is found with foreign lines in it, wherever they and the chunks begin", () => {
    const line = "[    1.234567] usb 1-1: new device\r\n";
    const text = "your name? ";
    fc.assert(
      fc.property(
        fc.array(fc.nat(text.length - 1), { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(200)),
        (places, borders) => {
          let torn = text;
          for (const place of new Set(places.toSorted((a, b) => b - a))) {
            torn = torn.slice(0, place) + line + torn.slice(place);
          }
          const cuts = [0, ...borders.filter((b) => b < torn.length).toSorted((a, b) => a - b), torn.length];
          const port = portOf(...cuts.slice(1).map((cut, i) => torn.slice(cuts[i], cut)));
          expect(take(port, text)).toBe(true);
          expect(port.surplus).toBe(0);
        },
      ),
    );
  });

  test("that comes back is found where a line editor has broken it", () => {
    for (const broken of [
      "ec\r\nho",
      "ec \rho",
      "e\u001b[6ncho",
      "e\u001b[1;31mch\u001b[0mo",
      "ech\u0007o",
    ]) {
      const port = portOf(`$ ${broken}!`);
      expect([port.takeEcho(Buffer.from("echo")), port.surplus], broken).toEqual([true, 1]);
      expect(take(portOf(broken), "echo"), broken).toBe(false);
    }
    expect(portOf("ec ho").takeEcho(Buffer.from("echo"))).toBe(false);
    const torn = portOf("ec[    1.234567] usb\u001b[0m 1-1: new\r\n\u001b[6nho");
    expect(torn.takeEcho(Buffer.from("echo"))).toBe(true);
  });

  test("is not put together from lines that are not foreign", () => {
    expect(take(portOf("your \nsomething\nname? "), "your name? ")).toBe(false);
  });

  test("takes constant memory in a flood, and is found behind it", () => {
    const port = new PortText(foreign);
    const line = Buffer.from(`${"flood ".repeat(100)}\n`.repeat(100));
    for (let i = 0; i < 200; i++) port.push(line);
    port.push(Buffer.from("login: "));
    expect(take(port, "login: ")).toBe(true);
    expect(port.end).toBe(200 * line.length + 7);
  });
});
