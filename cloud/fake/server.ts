import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Call, Compute } from "./compute.ts";
import { ServiceError } from "./errors.ts";
import { type Fault, Faults, type Seen } from "./faults.ts";
import type { MachineRoom } from "./machines.ts";
import { type Nature, usualNature } from "./nature.ts";
import { isJson, type Json, Project } from "./project.ts";
import { Storage } from "./storage.ts";
import type { Supervisor } from "../../harness/process/index.ts";

export interface FakeOptions {
  readonly project: string;
  readonly zones: readonly string[];
  readonly bucket: string;
  /** Where disks and objects lie; emptied by whoever made it. */
  readonly folder: string;
  readonly supervisor: Supervisor;
  readonly room: MachineRoom;
  readonly nature?: Partial<Nature>;
}

/** A provider on this host that behaves as Google's is documented to. */
export interface FakeProvider {
  /** Such as `http://127.0.0.1:41234`. */
  readonly endpoint: string;
  readonly state: Project;
  readonly faults: Faults;
  /** Every request that came, in order. */
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

export async function startFake(options: FakeOptions): Promise<FakeProvider> {
  const nature: Nature = { ...usualNature, ...options.nature };
  const state = new Project(nature.now);
  const faults = new Faults();
  const seen: Seen[] = [];
  const compute = new Compute({ ...options, nature, state });
  const storage = new Storage({ ...options, state, denied: nature.denied });
  const server = createServer((request, response) => {
    void serve(request, response);
  });
  // A connection that the server lets go of while the client takes it up again would look like a lost answer.
  server.keepAliveTimeout = 0;
  await listen(server);
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;

  return {
    endpoint,
    state,
    faults,
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await compute.close();
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", endpoint);
    const body = await readBody(request);
    if (body === undefined) return;
    const method = request.method ?? "GET";
    response.setHeader("date", new Date(nature.now()).toUTCString());
    const text = method === "PUT" || body.length === 0 ? {} : { body: body.toString("utf8") };
    const what: Seen = { index: seen.length, method, path: url.pathname, url: request.url ?? "/", ...text };
    seen.push(what);
    const fault = faults.next(what);
    if (fault !== undefined && !isActedUpon(fault)) return strike(fault, response);
    const reply = await answer(method, url, request, body);
    if (fault === undefined) return send(response, reply);
    return strike(fault, response, reply);
  }

  async function answer(method: string, url: URL, request: IncomingMessage, body: Buffer): Promise<Reply> {
    const { pathname, searchParams } = url;
    try {
      if (pathname.startsWith("/upload/storage/v1/b/")) {
        return storage.upload(method, searchParams, request.headers, body);
      }
      if (pathname.startsWith("/storage/v1/b/")) {
        return storage.answer(method, pathname.slice("/storage/v1/b/".length), searchParams);
      }
      const text = body.toString("utf8");
      const value: unknown = text === "" ? {} : JSON.parse(text);
      if (pathname.endsWith(":testIamPermissions")) {
        const asked = isJson(value) && Array.isArray(value["permissions"]) ? value["permissions"] : [];
        return {
          status: 200,
          body: { permissions: asked.filter((p) => !nature.denied.includes(String(p))) },
        };
      }
      const call: Call = {
        method,
        path: pathname.replace("/compute/v1/projects/", ""),
        query: searchParams,
        body: isJson(value) ? value : {},
        text,
      };
      return { status: 200, body: await compute.answer(call) };
    } catch (error) {
      if (error instanceof ServiceError) return { status: error.status, body: error.body };
      return { status: 500, body: new ServiceError(500, "backendError", String(error)).body };
    }
  }
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
}

function isActedUpon(fault: Fault): boolean {
  return (
    ["reset-after", "truncated", "trickle"].includes(fault.what) || (fault.what === "silent" && fault.acted)
  );
}

function strike(fault: Fault, response: ServerResponse, reply?: Reply): void {
  switch (fault.what) {
    case "answer": {
      const headers = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
      return send(response, { status: fault.error.status, headers, body: fault.error.body });
    }
    case "html":
      response.writeHead(fault.status, { "content-type": "text/html" });
      response.end("<html><body>Error</body></html>");
      return;
    case "reset-before":
    case "reset-after":
      response.destroy();
      return;
    case "truncated": {
      const text = JSON.stringify(reply?.body ?? {});
      response.writeHead(200, { "content-type": "application/json", "content-length": text.length });
      response.write(text.slice(0, text.length / 2));
      setTimeout(() => response.destroy(), 10);
      return;
    }
    case "silent":
      return;
    case "trickle": {
      response.writeHead(200, { "content-type": "application/json" });
      const drip = setInterval(() => response.write(" "), 20);
      response.on("close", () => clearInterval(drip));
      return;
    }
    case "redirect":
      response.writeHead(307, { location: fault.to });
      response.end();
      return;
    case "body":
      return send(response, { status: 200, body: isJson(fault.value) ? fault.value : {} });
  }
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { "content-type": "application/json; charset=UTF-8", ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** Undefined when the client went away in the middle of it: then nothing was asked. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  try {
    for await (const part of request) parts.push(Buffer.from(part));
  } catch {
    return undefined;
  }
  return Buffer.concat(parts);
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
}
