import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { testRunScope } from "../testing.ts";
import { openClients } from "./client.ts";
import { openDoor, type RequestEntry } from "./door.ts";
import { openProvider, type Provider } from "./provider.ts";

const scope = testRunScope;
const image = { kind: "image", name: scope.name } as const;
const instance = { kind: "instance", name: scope.name, zone: "europe-west1-b" } as const;
const imageBody = {
  name: scope.name,
  architecture: "X86_64",
  rawDisk: { source: `https://storage.googleapis.com/example-bucket/${scope.object}` },
  labels: scope.labels,
};

let server: Server;
let endpoint = "";
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let recorded: RequestEntry[];
let stop: AbortController;

beforeEach(async () => {
  server = createServer((request, response) => {
    request.resume();
    request.on("end", () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  recorded = [];
  stop = new AbortController();
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function open(): Provider {
  const door = openDoor({
    grant: { kind: "run", scope },
    endpoint,
    headers: () => Promise.resolve(new Headers({ authorization: "Bearer very-secret" })),
    record: (entry) => recorded.push(entry),
    abort: stop.signal,
  });
  const clients = openClients(`${import.meta.dirname}/../..`);
  if (!clients.ok) throw new Error(clients.error[0]?.next);
  return openProvider({ scope, door, clients: clients.value });
}

function json(status: number, value: unknown): typeof answer {
  return (_, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
}

const requestId = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";

describe("Google's own client, through the door", () => {
  test("makes an image and tells the operation", async () => {
    answer = json(200, { name: "operation-1", id: "9", status: "RUNNING", targetId: "77" });
    expect(await open().create(image, imageBody, requestId)).toEqual({
      value: { name: "operation-1", done: false, targetId: "77" },
    });
    expect(recorded.map((r) => [r.method, r.path, r.status])).toEqual([
      ["POST", `/compute/v1/projects/example-project/global/images?requestId=${requestId}`, 200],
    ]);
    expect(JSON.parse(recorded[0]?.body ?? "")).toEqual(imageBody);
  });

  test("says of an operation that failed why it did", async () => {
    const error = { errors: [{ code: "QUOTA_EXCEEDED", message: "no more" }] };
    answer = json(200, { name: "operation-1", status: "DONE", zone: "x/zones/europe-west1-b", error });
    expect(await open().wait({ name: "operation-1", zone: "europe-west1-b", done: false })).toEqual({
      value: {
        name: "operation-1",
        zone: "europe-west1-b",
        done: true,
        error: { code: "QUOTA_EXCEEDED", message: "no more" },
      },
    });
  });

  test.each([
    [404, "notFound", "absent"],
    [403, "rateLimitExceeded", "rate"],
    [409, "alreadyExists", "exists"],
    [503, "backendError", "unavailable"],
  ])("gives HTTP %s %s as %s, after one attempt", async (status, reason, kind) => {
    answer = json(status, { error: { code: status, message: "no", errors: [{ reason }] } });
    expect(await open().get(instance)).toMatchObject({ failure: { kind, status, reason } });
    expect(recorded.length).toBe(1);
  });

  test("does not follow a redirect, which would carry the token away", async () => {
    let asked = 0;
    answer = (_, response) => {
      asked++;
      response.writeHead(307, { location: `${endpoint}/elsewhere` });
      response.end();
    };
    expect(await open().get(image)).toMatchObject({ failure: { kind: "unavailable", status: 307 } });
    expect(asked).toBe(1);
  });

  test("reads a lost connection and half an answer as unknown", async () => {
    answer = (request) => request.socket.destroy();
    expect(await open().create(image, imageBody, requestId)).toMatchObject({
      failure: { kind: "unavailable" },
    });
    answer = (_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
      response.write('{"name":"opera');
      response.destroy();
    };
    expect(await open().create(image, imageBody, requestId)).toMatchObject({
      failure: { kind: "unavailable" },
    });
    answer = json(200, {});
    expect(await open().create(image, imageBody, requestId)).toMatchObject({
      failure: { kind: "unavailable" },
    });
  });

  test("is stopped in the middle of a call", async () => {
    answer = () => stop.abort();
    expect(await open().get(image)).toMatchObject({ failure: { kind: "aborted" } });
  });

  test("reads the serial port as the provider gives it", async () => {
    answer = json(200, { contents: "a�b\n", start: "1024", next: "1030" });
    expect(await open().serial(instance, 10)).toEqual({
      value: { contents: "a�b\n", start: 1024, next: 1030 },
    });
  });

  test("takes no list for whole that a zone is missing from", async () => {
    const items = {
      "zones/europe-west1-b": { instances: [{ name: scope.name, id: "5", status: "RUNNING" }] },
      "zones/europe-west1-c": { warning: { code: "NO_RESULTS_ON_PAGE" } },
    };
    answer = json(200, { items });
    expect(await open().list("instance", "labels.capos-tool=cloudboot")).toMatchObject({
      value: [{ name: scope.name, id: "5", status: "RUNNING" }],
    });
    answer = json(200, { items: { ...items, "zones/us-east1-b": { warning: { code: "UNREACHABLE" } } } });
    expect(await open().list("instance", "labels.capos-tool=cloudboot")).toMatchObject({
      failure: { kind: "unavailable" },
    });
  });
});

test("a list that never ends is no list", async () => {
  answer = json(200, { items: [], nextPageToken: "again" });
  const lists = [open().list("image", "labels.capos-tool=cloudboot"), open().objects.list()];
  for (const list of lists) {
    expect(await list).toMatchObject({ failure: { kind: "unavailable", message: "the list does not end" } });
  }
  expect(recorded.length).toBe(200);
});

test("what is not on the list is never sent, nor tried again", async () => {
  let asked = 0;
  answer = () => void asked++;
  const body = { ...imageBody, family: "web" };
  expect(await open().create(image, body, requestId)).toMatchObject({ failure: { kind: "refused" } });
  expect(await open().get({ kind: "image", name: "web" })).toMatchObject({ failure: { kind: "refused" } });
  expect(asked).toBe(0);
  expect(recorded.map((r) => r.status)).toEqual([undefined, undefined]);
});

test("no record holds the token", async () => {
  answer = json(200, { name: "x", id: "1" });
  await open().get(image);
  expect(recorded.length).toBe(1);
  expect(JSON.stringify(recorded)).not.toContain("very-secret");
});
