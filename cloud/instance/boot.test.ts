/** The console of an instance as the judge is given it: pieces, gaps, restarts, and machines that go away. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BootInput, type BootSpec, createBootJudge, type Proof } from "../../harness/contract/index.ts";
import { banner, bootSpec, identity, one, proofOf } from "../../harness/contract/testing.ts";
import { CloudBoot } from "./boot.ts";
import type { Nature } from "../fake/nature.ts";
import { scriptedRoom } from "../fake/machines.ts";
import { SerialReader } from "../serial/reader.ts";
import { diskFile, must, openSession, openSite, type Site } from "../testing.ts";

let disk = "";
const given = diskFile();
beforeAll(() => (disk = given.make()));
afterAll(() => given.remove());

const said = "[client] said caf\u00e9 and more";
const good = `firmware\r\n${banner()}\n${said}\n[kernel] halted status=0\n`;

interface Told {
  readonly verdict: string;
  /** Why the boot has no verdict that counts. */
  readonly problem: string | undefined;
  readonly console: string;
}

/** Follows one boot with the judge at its side, as a run does. */
async function follow(
  site: Site,
  boot: CloudBoot,
  index = 0,
  proof: Proof = proofOf([spec("only")]),
  onInput: (input: BootInput) => void = () => {},
): Promise<Told> {
  const judge = createBootJudge(proof, index, {
    freshness: "echoed",
    identity: identity(),
    transport: "lossy",
  });
  let console = "";
  for await (const input of boot.inputs) {
    if (input.kind === "bytes") console += Buffer.from(input.bytes).toString("utf8");
    onInput(input);
    for (const what of judge.feed(input)) {
      if (what.type === "halted") boot.end("quit", "planned");
      if (what.type === "decided") boot.end(what.end, what.why);
    }
  }
  const { problem } = await boot.ended;
  expect(site.fake.seen.length).toBeGreaterThan(0);
  return { verdict: judge.finish().verdict, problem: problem?.message, console };
}

const spec = (name: string): BootSpec => bootSpec(name, [one("said", "[client] said <what:text>")]);

async function told(
  text: string,
  nature: Partial<Nature> = {},
  meanwhile?: (site: Site) => void,
): Promise<Told> {
  const site = await openSite(
    nature,
    scriptedRoom(() => text),
  );
  const session = openSession(site, "new");
  const up = must(await session.bringUp(disk));
  const boot = new CloudBoot(must(session.making), up);
  let isFirst = true;
  const result = await follow(site, boot, 0, undefined, () => {
    if (isFirst) meanwhile?.(site);
    isFirst = false;
  });
  expect(must(await session.takeDown()).empty).toBe(true);
  session.done();
  await site.close();
  return result;
}

describe("a console", () => {
  test("is proved as it stands", async () => {
    expect(await told(good)).toEqual({ verdict: "proved", problem: undefined, console: good });
  });

  test.each([200, 97, 13])(
    "E2: in pieces of %i bytes is the same, where no character is cut",
    async (serialPiece) => {
      const ascii = good.replace("\u00e9", "e");
      expect(await told(ascii, { serialPiece })).toEqual({
        verdict: "proved",
        problem: undefined,
        console: ascii,
      });
    },
  );

  test("E2: a landmark whose character is cut between two pieces is unproven", async () => {
    const cut = Buffer.from(good).indexOf("\u00e9") + 1;
    const { verdict, console } = await told(good, { serialPiece: cut });
    expect(console).toContain("\ufffd");
    expect(verdict).toBe("refuted");
  });

  test("E1: of which the service has dropped a part is no verdict", async () => {
    const { problem } = await told(`${"x".repeat(5000)}\n${good}`, { serialBytes: 400 });
    expect(problem).toMatch(/^the service dropped \d+ bytes of the console at byte 0$/u);
  });

  test("E4: a panic behind the landmark is the guest's death", async () => {
    const { verdict } = await told(good.replace("[kernel] halted status=0", "[kernel] panic: no"));
    expect(verdict).toBe("guest-died");
  });

  test("E5: of another run is refuted", async () => {
    const { verdict } = await told(good.replace(identity().nonce, "f".repeat(32)));
    expect(verdict).toBe("refuted");
  });

  test("H20: an instance that is deleted under the run is no verdict", async () => {
    const { problem } = await told(banner(), {}, ({ fake }) => {
      const [thing] = fake.state.things.filter((t) => t.kind === "instance");
      if (thing !== undefined) fake.state.drop(thing);
    });
    expect(problem).toMatch(/^the instance cannot be seen/u);
  });

  test("H21: an instance that powers off is what the guest did", async () => {
    const { verdict, problem } = await told(`${banner()}\n`, {}, ({ fake }) => {
      for (const thing of fake.state.things) if (thing.kind === "instance") thing.status = "TERMINATED";
    });
    expect([verdict, problem]).toEqual(["guest-died", undefined]);
  });

  test("H21: an instance under repair is no verdict", async () => {
    const { problem } = await told(`${banner()}\n`, {}, ({ fake }) => {
      for (const thing of fake.state.things) if (thing.kind === "instance") thing.status = "REPAIRING";
    });
    expect(problem).toBe("the instance is REPAIRING");
  });
});

describe("the second boot of an instance", () => {
  const proof = proofOf([spec("first"), spec("second")]);

  async function twice(keepsSerial: boolean, second: string): Promise<Told> {
    const site = await openSite(
      { keepsSerial },
      scriptedRoom((boot) => (boot === 1 ? good : second)),
    );
    const session = openSession(site, "new");
    const reader = new SerialReader();
    const first = new CloudBoot(must(session.making), must(await session.bringUp(disk)), reader);
    expect((await follow(site, first, 0, proof)).verdict).toBe("proved");
    const again = new CloudBoot(must(session.making), must(await session.restart(reader)), reader);
    const result = await follow(site, again, 1, proof);
    expect(must(await session.takeDown()).empty).toBe(true);
    session.done();
    await site.close();
    return result;
  }

  test.each([true, false])("E3: is judged by what it prints itself (port kept: %s)", async (keepsSerial) => {
    expect((await twice(keepsSerial, `again\n${good}`)).verdict).toBe("proved");
    expect((await twice(keepsSerial, `${banner()}\n[client] said so\n${good.slice(-26)}`)).verdict).toBe(
      "proved",
    );
  });

  test("E3: gains nothing by what the first one has printed", async () => {
    const { verdict, console } = await twice(true, `${banner()}\n`);
    expect(console).not.toContain("caf");
    expect(verdict).toBe("no-progress");
  });
});
