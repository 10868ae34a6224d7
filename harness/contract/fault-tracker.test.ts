import { describe, expect, test } from "vitest";
import { crashStatesAction, crashStatesStopped } from "./fault-tracker.ts";
import { judgeStored } from "./run.ts";
import { banner, bootSpec, identity, one, proofOf } from "./testing.ts";
import type { ActionEvent, BootInput, BootSpec } from "./types.ts";

const chain = [one("ready", "[a] ready"), one("end", "[a] end")];
const nmi = { name: "nmi", at: "ready", afterMs: 100, kind: "nmi" } as const;

function bytes(text: string, wallMs: number): BootInput {
  return { kind: "bytes", at: { wallMs, cpuMs: wallMs / 2 }, bytes: Buffer.from(`${text}\n`) };
}

function action(event: Partial<ActionEvent>, wallMs: number): BootInput {
  const whole = { type: "action", source: "fault", name: "nmi", detail: "d", ok: true, ...event } as const;
  return { kind: "control", at: { wallMs, cpuMs: wallMs / 2 }, event: whole };
}

/** A boot that does all that its landmarks ask, with some actions between; it ends `later` milliseconds behind `ready`. */
function judge(spec: Partial<BootSpec>, actions: readonly BootInput[], later = 200): string {
  const { nonce, boot, systemDigest } = identity();
  const exit: BootInput = {
    kind: "control",
    at: { wallMs: 30 + later, cpuMs: 20 },
    event: { type: "exit", code: 33, signal: null },
  };
  const inputs: BootInput[] = [
    bytes(banner(), 10),
    bytes("[a] ready", 20),
    bytes("[a] end", 20 + later),
    bytes("[kernel] halted status=0", 21 + later),
    ...actions,
    exit,
  ].toSorted((a, b) => a.at.wallMs - b.at.wallMs);
  const expectation = { identity: { nonce, boot, systemDigest }, freshness: "echoed" } as const;
  const proof = proofOf([bootSpec("main", chain, spec)]);
  const { verdict, cause } = judgeStored(proof, [{ inputs, expectation }]);
  return cause === "" ? verdict : `${verdict}: ${cause}`;
}

describe("a declared fault", () => {
  test("is part of what is proved", () => {
    expect(judge({ faults: [nmi] }, [action({}, 125)])).toBe("proved");
  });

  test("that was due and was never made is the tool's failure", () => {
    expect(judge({ faults: [nmi] }, [], 1_500)).toMatch(/^harness-error: .*never made the fault `nmi`/u);
  });

  test("that the boot did not wait for is not proved", () => {
    expect(judge({ faults: [nmi] }, [])).toMatch(
      /^refuted: .*ended before the fault `nmi` at `ready` was made/u,
    );
  });

  test("that the guest took no part in is not proved, and says why", () => {
    const refused = action({ ok: false, detail: "it does not let go" }, 125);
    expect(judge({ faults: [nmi] }, [refused])).toMatch(/^refuted: .*could not be made: it does not let go/u);
  });

  test("cannot come before its landmark, nor be another than those declared", () => {
    expect(judge({ faults: [nmi] }, [action({}, 15)])).toMatch(
      /^harness-error: .*before its landmark had come/u,
    );
    expect(judge({ faults: [nmi] }, [action({ name: "other" }, 125)])).toMatch(
      /^harness-error: .*not declared/u,
    );
  });
});

describe("declared crash states", () => {
  const crash = {
    window: ["ready", "end"],
    disk: "data",
    check: "capos-store",
    reorder: 4,
    torn: true,
    sample: 0,
    recovers: [],
    same: [],
  } as const;
  const told = (ok: boolean): BootInput =>
    action({ source: "tool", name: crashStatesAction, detail: "2 of 9 states are bad", ok }, 240);

  test("are part of what is proved, though they are told when the machine is gone", () => {
    expect(judge({ crash }, [told(true)])).toBe("proved");
  });

  test("that a person has stopped were not run", () => {
    const stopped = action({ source: "tool", name: crashStatesStopped, ok: false }, 240);
    expect(judge({ crash }, [stopped])).toMatch(/^not-run: .*interrupted while crash states were tried/u);
  });

  test("that were not tried are the tool's failure", () => {
    expect(judge({ crash }, [])).toMatch(/^harness-error: .*never tried/u);
  });

  test("of which one is bad refute", () => {
    expect(judge({ crash }, [told(false)])).toMatch(/^refuted: .*2 of 9 states are bad/u);
  });
});
