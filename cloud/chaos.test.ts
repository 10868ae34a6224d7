/**
 * A run that is cut off or lied to at every request of its happy path, in every way: afterwards nothing is left, or
 * what is left is named, and nothing outside the allowlist was sent.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ServiceError } from "./fake/errors.ts";
import type { Fault } from "./fake/faults.ts";
import type { Journal } from "./journal/journal.ts";
import { scriptedRoom } from "./fake/machines.ts";
import { CloudBoot } from "./instance/boot.ts";
import { SerialReader } from "./serial/reader.ts";
import {
  diskFile,
  must,
  openSession,
  openSite,
  outside,
  type RunOptions,
  type Site,
  testRun,
  wholeRun,
} from "./testing.ts";

let disk = "";
/** The requests of a run that nothing disturbs, and how many records its journal then has. */
let sent: readonly string[] = [];
let records = 0;
const given = diskFile();
beforeAll(async () => {
  disk = given.make();
  // A busy host may lose an answer, and what is then asked again only lengthens a run: the shortest is the undisturbed one.
  for (let tries = 0; tries < 3; tries++) {
    const site = await openSite({ waitMs: 10_000 });
    const story = await wholeRun(site, disk, "new");
    const journal = readFileSync(join(site.folder, "journal", `${testRun}.jsonl`), "utf8");
    await site.close();
    if (tries > 0 && story.sent.length >= sent.length) continue;
    ({ sent } = story);
    records = journal.trimEnd().split("\n").length - 1;
  }
});
afterAll(() => given.remove());

/** The whole run, of which nothing more happens from a certain point on, as if its process were gone. */
async function cutOff(
  site: Site,
  how: "new" | "resumed",
  cut: (die: () => Promise<never>) => RunOptions,
  boots = 1,
): Promise<boolean> {
  let isDead = false;
  let dead: () => void = () => {};
  const death = new Promise<void>((resolve) => (dead = resolve));
  const die = (): Promise<never> => {
    isDead = true;
    dead();
    return new Promise<never>(() => {});
  };
  const options = cut(die);
  const session = openSession(site, how, options);
  const rest = (async () => {
    const reader = new SerialReader();
    const toBoot = how === "new" ? boots : 0;
    for (let i = 0; i < toBoot; i++) {
      const up = i === 0 ? await session.bringUp(disk) : await session.restart(reader);
      if (up.ok) {
        const boot = new CloudBoot(must(session.making), up.value, reader);
        for await (const input of boot.inputs) if (input.kind === "bytes") boot.end("quit", "planned");
        await boot.ended;
      }
    }
    await session.takeDown();
  })();
  await Promise.race([death, rest]);
  session.done();
  return isDead;
}

type Point = "before" | "after";

const isWhole = process.env["CAPOS_CHAOS"] === "whole";

/** Requests of the taking down at which the second process dies. */
function deadAgain(whole: boolean): readonly (readonly [number, Point])[] {
  const some = [0, 1, 2, 3, 5, 8, 11].map((n) => [n, n % 2 === 0 ? "after" : "before"] as const);
  const all = Array.from({ length: 14 }, (_, n) => n).flatMap((n) => [
    [n, "before"] as const,
    [n, "after"] as const,
  ]);
  return whole ? all : some;
}

/** Dies at the `n`th request: before it is sent, or when its answer has come and nobody has looked at it. */
function atRequest(n: number, when: Point): (die: () => Promise<never>) => RunOptions {
  let count = 0;
  return (die) => ({
    async send(url, init) {
      const mine = count++;
      if (mine > n || (mine === n && when === "before")) return die();
      const answer = await fetch(url, init);
      if (mine === n) {
        await answer.arrayBuffer();
        return die();
      }
      return answer;
    },
  });
}

/** Dies at the first request that is sent so, or that follows one that was. */
function atPower(
  to: "stop" | "start",
  waiting: boolean,
  when: Point,
): (die: () => Promise<never>) => RunOptions {
  let isAsked = false;
  let isGone = false;
  return (die) => ({
    async send(url, init) {
      const { pathname } = new URL(String(url));
      const isMine = waiting ? isAsked && pathname.endsWith("/wait") : pathname.endsWith(`/${to}`);
      isAsked ||= pathname.endsWith(`/${to}`);
      if (isGone || (isMine && when === "before")) {
        isGone = true;
        return die();
      }
      const answer = await fetch(url, init);
      if (!isMine) return answer;
      isGone = true;
      await answer.arrayBuffer();
      return die();
    },
  });
}

/** The requests that a second boot adds: each is asked for, and then waited for. */
const powerPoints = (["stop", "start"] as const).flatMap((to) =>
  [false, true].flatMap((waiting) =>
    (["before", "after"] as const).map((when) => [to, waiting, when] as const),
  ),
);

/** Dies at the `n`th record of the journal: before it is on the disk, or right behind it. */
function atRecord(n: number, when: Point): (die: () => Promise<never>) => RunOptions {
  let count = 0;
  return (die) => {
    let gone = false;
    return {
      send: (url, init) => (gone ? die() : fetch(url, init)),
      journal: (inner): Journal => ({
        ...bound(inner),
        write(record) {
          const mine = count++;
          if (mine >= n) gone = true;
          if (mine > n || (mine === n && when === "before")) return { ok: true, value: undefined };
          return inner.write(record);
        },
      }),
    };
  };
}

function bound(journal: Journal): Journal {
  return {
    path: journal.path,
    state: () => journal.state(),
    write: (r) => journal.write(r),
    close: () => journal.close(),
  };
}

describe("a run", () => {
  test("that nothing disturbs leaves nothing, and makes no request outside the list", async () => {
    const site = await openSite();
    const story = await wholeRun(site, disk, "new");
    expect(story.said.trim()).toBe("up; empty");
    expect(story.refused).toEqual([]);
    expect(site.fake.state.inventory()).toEqual([]);
    expect(site.fake.state.history.length).toBe(4);
    await site.close();
  });

  test("that dies at any request, or at any record of its journal, is taken down by another", async () => {
    const points = [
      ...sent.flatMap((request, n) =>
        (["before", "after"] as const).map((when) => ({
          name: `${when} request ${n}: ${request}`,
          cut: atRequest(n, when),
        })),
      ),
      ...Array.from({ length: records }, (_, n) =>
        (["before", "after"] as const).map((when) => ({
          name: `${when} record ${n}`,
          cut: atRecord(n, when),
        })),
      ).flat(),
    ];
    const bad: string[] = [];
    for (const { name, cut } of points) {
      const site = await openSite();
      await cutOff(site, "new", cut);
      const story = await wholeRun(site, disk, "resumed");
      const left = [...site.fake.state.inventory(), ...outside(site)];
      if (left.length > 0 || story.refused.length > 0 || !story.said.includes("; empty")) {
        bad.push(`${name}: ${story.said} ${left.join(", ")} ${story.refused.join(", ")}`);
      }
      await site.close();
    }
    expect(bad).toEqual([]);
  });

  test.each(powerPoints)(
    "that dies at the %s for its second boot (waiting: %s, %s) is taken down by another",
    async (...point) => {
      const site = await openSite(
        {},
        scriptedRoom((boot) => `boot ${boot}\n`),
      );
      const isDead = await cutOff(site, "new", atPower(...point), 2);
      const story = await wholeRun(site, disk, "resumed");
      expect([isDead, story.said.trim(), site.fake.state.inventory(), outside(site)]).toEqual([
        true,
        "; empty",
        [],
        [],
      ]);
      await site.close();
    },
  );

  test("that dies again while it is being taken down is taken down by a third", async () => {
    for (const [n, when] of deadAgain(isWhole)) {
      const site = await openSite();
      await cutOff(site, "new", atRequest(13, "after"));
      const isDead = await cutOff(site, "resumed", atRequest(n, when));
      await wholeRun(site, disk, "resumed");
      expect([n, isDead, site.fake.state.inventory(), outside(site)]).toEqual([n, true, [], []]);
      await site.close();
    }
  });
});

const backend = new ServiceError(503, "backendError", "try again");
const faults: Readonly<Record<string, (when: Fault["when"]) => Fault>> = {
  "is lost before it is read": (when) => ({ when, times: 1, what: "reset-before" }),
  "is carried out and its answer lost": (when) => ({ when, times: 1, what: "reset-after" }),
  "is answered by half an answer": (when) => ({ when, times: 1, what: "truncated" }),
  "is answered 503": (when) => ({ when, times: 2, what: "answer", error: backend }),
  "is answered 502 in HTML": (when) => ({ when, times: 1, what: "html", status: 502 }),
  "meets the rate limit": (when) => ({
    when,
    times: 2,
    what: "answer",
    error: new ServiceError(403, "rateLimitExceeded", "too many"),
    retryAfter: 3,
  }),
  "is answered 429": (when) => ({
    when,
    times: 1,
    what: "answer",
    error: new ServiceError(429, "rateLimitExceeded", "slow"),
  }),
  "is carried out and never answered": (when) => ({ when, times: 1, what: "silent", acted: true }),
  "is never answered": (when) => ({ when, times: 1, what: "silent", acted: false }),
  "is redirected": (when) => ({ when, times: 1, what: "redirect", to: "http://127.0.0.1:1/" }),
  "is answered by an empty object": (when) => ({ when, times: 1, what: "body", value: {} }),
  "is refused for good": (when) => ({
    when,
    times: 1,
    what: "answer",
    error: new ServiceError(403, "forbidden", "no"),
  }),
  "is unauthenticated": (when) => ({
    when,
    times: 1,
    what: "answer",
    error: new ServiceError(401, "authError", "no"),
  }),
  "is invalid": (when) => ({ when, times: 1, what: "answer", error: new ServiceError(400, "invalid", "no") }),
};

/** All pairs take minutes (`CAPOS_CHAOS=whole`); every day the worst faults strike everywhere, the rest what changes something. */
function isTried(fault: string, request: string, whole = isWhole): boolean {
  const isWorst = fault.includes("lost") || fault.includes("half") || fault.includes("for good");
  return isWorst || whole || !request.startsWith("GET");
}

test("the page says how many cases there are", () => {
  const deaths = (whole: boolean): number =>
    2 * sent.length + 2 * records + deadAgain(whole).length + powerPoints.length;
  const lies = (whole: boolean): number =>
    Object.keys(faults).reduce((n, f) => n + sent.filter((request) => isTried(f, request, whole)).length, 0);
  const page = readFileSync(join(import.meta.dirname, "../docs/cloudboot.md"), "utf8").replaceAll("\n", " ");
  expect(page).toContain(`${deaths(false) + lies(false)} cases every day, ${deaths(true) + lies(true)} with`);
});

describe("any request of a run may go wrong, and what was made is still taken down, when it", () => {
  test.each(Object.entries(faults))("%s", async (name, fault) => {
    const bad: string[] = [];
    for (const [n, request] of sent.entries()) {
      if (!isTried(name, request)) continue;
      const site = await openSite();
      site.fake.faults.add(fault((request) => request.index === n));
      const story = await wholeRun(site, disk, "new", { callMs: name.includes("never") ? 150 : 10_000 });
      const left = site.fake.state.inventory();
      // What could not be taken down is told; another try then takes it down.
      const told = story.said.includes("not empty");
      if (left.length > 0 && !told) bad.push(`${n} ${request}: untold ${left.join(", ")} (${story.said})`);
      if (story.refused.length > 0) bad.push(`${n}: ${story.refused.join(", ")}`);
      if (outside(site).length > 0) bad.push(`${n}: outside the list: ${outside(site).join(", ")}`);
      if (told) {
        const again = await wholeRun(site, disk, "resumed");
        const still = site.fake.state.inventory();
        if (still.length > 0) bad.push(`${n} ${request}: left for good ${still.join(", ")} (${again.said})`);
      }
      await site.close();
    }
    expect(bad).toEqual([]);
  });
});
