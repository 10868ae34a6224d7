/**
 * The local provider's answers, and the requests that get them, against the messages that Google's client publishes:
 * a field that is not there, or of another type, is one that the service does not have.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { preflight } from "../run/preflight.ts";
import { diskFile, must, openSession, openSite, testScope } from "../testing.ts";

interface Field {
  readonly type: string;
  readonly rule?: "repeated";
  readonly keyType?: string;
}
interface Message {
  readonly fields?: Readonly<Record<string, Field>>;
  readonly values?: Readonly<Record<string, number>>;
  readonly nested?: Readonly<Record<string, Message>>;
}

let types: Readonly<Record<string, Message>> = {};
const given = diskFile();
beforeAll(() => {
  const file = join(
    import.meta.dirname,
    "../client/node_modules/@google-cloud/compute/build/protos/protos.json",
  );
  const parsed: {
    nested: { google: { nested: { cloud: { nested: { compute: { nested: { v1: Message } } } } } } };
  } = JSON.parse(readFileSync(file, "utf8"));
  types = parsed.nested.google.nested.cloud.nested.compute.nested.v1.nested ?? {};
});
afterAll(() => given.remove());

/** What is wrong with a JSON value as a message of this name; one sentence a place. */
function faults(value: unknown, message: Message, at: string): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at} is no message`];
  return Object.entries(value).flatMap(([key, held]) => {
    const field = message.fields?.[key];
    const path = `${at}.${key}`;
    if (field === undefined) return [`${path} is no field`];
    if (field.keyType !== undefined) {
      return Object.entries(Object(held)).flatMap(([k, v]) => wrong(v, field.type, message, `${path}[${k}]`));
    }
    if (field.rule !== "repeated") return wrong(held, field.type, message, path);
    if (!Array.isArray(held)) return [`${path} is no list`];
    return held.flatMap((item, i) => wrong(item, field.type, message, `${path}[${i}]`));
  });
}

function wrong(value: unknown, type: string, within: Message, at: string): readonly string[] {
  const scalar: Readonly<Record<string, string>> = {
    string: "string",
    int64: "string",
    uint64: "string",
    bool: "boolean",
    double: "number",
    float: "number",
    int32: "number",
    uint32: "number",
  };
  const expected = scalar[type];
  if (expected !== undefined) return typeof value === expected ? [] : [`${at} is no ${type}`];
  const named = within.nested?.[type] ?? types[type];
  if (named === undefined) return [`${at} is of the unknown type ${type}`];
  if (named.values === undefined) return faults(value, named, at);
  return typeof value === "string" && value in named.values ? [] : [`${at} is no ${type}`];
}

/** The message that a path of the Compute API answers with. */
function messageOf(method: string, path: string): string {
  if (method !== "GET" || path.includes("/operations/")) return "Operation";
  const [kind = "", name] = path.split("/").slice(-2);
  if (kind === "aggregated") return name === "instances" ? "InstanceAggregatedList" : "DiskAggregatedList";
  const lists: Readonly<Record<string, string>> = { global: "ImageList" };
  const things: Readonly<Record<string, string>> = {
    images: "Image",
    instances: "Instance",
    disks: "Disk",
    regions: "Region",
    zones: "Zone",
    machineTypes: "MachineType",
    subnetworks: "Subnetwork",
    projects: "Project",
  };
  return path.endsWith("/serialPort") ? "SerialPortOutput" : (things[kind] ?? lists[kind] ?? kind);
}

test("every answer and every body of a run is a message of the published protocol", async () => {
  const site = await openSite();
  const bad: string[] = [];
  const seen = new Set<string>();
  const send: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    const { pathname } = new URL(String(input));
    if (!pathname.startsWith("/compute/") || !answer.ok) return answer;
    const text = await answer.text();
    const method = init?.method ?? "GET";
    const name = messageOf(method, pathname);
    seen.add(name);
    bad.push(...faults(JSON.parse(text), types[name] ?? {}, name));
    const body = typeof init?.body === "string" && init.body.startsWith("{") ? init.body : undefined;
    const asked = pathname.endsWith("/images") ? "Image" : "Instance";
    if (body !== undefined) bad.push(...faults(JSON.parse(body), types[asked] ?? {}, `${asked} sent`));
    return new Response(text, answer);
  };
  const session = openSession(site, "new", { send });
  await preflight(must(session.making), testScope);
  must(await session.bringUp(given.make()));
  const { provider } = must(session.making);
  await provider.serial({ kind: "instance", name: "capos-1769860800-0a1b", zone: "europe-west1-b" }, 0);
  await provider.list("instance", "labels.capos-tool=cloudboot");
  expect(must(await session.takeDown()).empty).toBe(true);
  expect(bad).toEqual([]);
  expect([...seen].toSorted()).toEqual([
    "Disk",
    "DiskAggregatedList",
    "Image",
    "ImageList",
    "Instance",
    "InstanceAggregatedList",
    "MachineType",
    "Operation",
    "Project",
    "Region",
    "SerialPortOutput",
    "Subnetwork",
    "Zone",
  ]);
  session.done();
  await site.close();
});
