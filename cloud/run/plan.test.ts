import { afterAll, beforeAll, expect, test } from "vitest";
import { scriptedRoom } from "../fake/machines.ts";
import { CloudBoot } from "../instance/boot.ts";
import { SerialReader } from "../serial/reader.ts";
import { diskFile, must, openSession, openSite, testRun, testScope } from "../testing.ts";
import { plannedCalls } from "./plan.ts";
import { preflight } from "./preflight.ts";

let disk = "";
const given = diskFile();
beforeAll(() => (disk = given.make()));
afterAll(() => given.remove());

/** Every request of a run that nothing disturbs; what is repeated stands there once. */
async function made(boots: number): Promise<readonly string[]> {
  const site = await openSite(
    { waitMs: 10_000 },
    scriptedRoom((boot) => `boot ${boot}\n`),
  );
  const session = openSession(site, "new");
  const reader = new SerialReader();
  await preflight(must(session.making), testScope);
  for (let i = 0; i < boots; i++) {
    const up = must(i === 0 ? await session.bringUp(disk) : await session.restart(reader));
    const boot = new CloudBoot(must(session.making), up, reader);
    for await (const input of boot.inputs) if (input.kind === "bytes") boot.end("quit", "planned");
    await boot.ended;
  }
  must(await session.takeDown());
  session.done();
  await site.close();
  return session.requests.map(({ method, path }) => `${method} ${path}`);
}

/** While an instance starts, its port is looked at and the operation is waited for, in any order. */
function collapsed(calls: readonly string[]): readonly string[] {
  const plain = calls.map((call) => call.replace(/\?.*/u, "").replace(/operation-\d+/u, "*"));
  const once = plain.filter((call, i) => call !== plain[i - 1]);
  return once.filter((call, i) => !(call.endsWith("/serialPort") && once[i - 1]?.endsWith("/start")));
}

test.each([1, 2])("a run of %i boots makes the calls of its plan, in their order", async (boots) => {
  const planned = plannedCalls(testRun, testScope, boots).map(({ method, path }) => `${method} ${path}`);
  expect(collapsed(await made(boots))).toEqual(collapsed(planned));
});
