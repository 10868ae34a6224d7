import { expect, test } from "vitest";
import { freshnessOf } from "./freshness.ts";
import type { GuestSpeech } from "./types.ts";

const says = (banner: string): GuestSpeech => ({ banner, trailer: "end", panic: [], exit: "none" });

test("what a guest does not repeat, it is not held to", () => {
  expect(freshnessOf(undefined, "echoed")).toBe("echoed");
  expect(freshnessOf(says("up nonce=<nonce:hex32> boot=<boot:int>"), "echoed")).toBe("echoed");
  expect(freshnessOf(says("up nonce=<nonce:hex32>"), "echoed")).toBe("by-construction");
  expect(freshnessOf(says("up boot=<boot:int>"), "echoed")).toBe("by-construction");
  expect(freshnessOf(says("up"), "echoed")).toBe("by-construction");
});

test("no guest makes a target promise more than it does", () => {
  const full = says("up nonce=<nonce:hex32> boot=<boot:int>");
  expect(freshnessOf(full, "by-construction")).toBe("by-construction");
  expect(freshnessOf(full, "none")).toBe("none");
});
