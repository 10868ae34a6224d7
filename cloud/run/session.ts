import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, fail, ok, problem, type Result } from "../../harness/base/index.ts";
import { packDisk, whileImageFile } from "../../harness/image/index.ts";
import { cloudCodes } from "../codes.ts";
import { checkEndpoint } from "../endpoint.ts";
import { openClients } from "../gce/client.ts";
import { type CredentialHeaders, openDoor, type RequestEntry } from "../gce/door.ts";
import type { Failure } from "../gce/failure.ts";
import { openProvider } from "../gce/provider.ts";
import type { Journal } from "../journal/journal.ts";
import { objectName, resourceName, type RunId, runLabels, type RunLabels } from "../names.ts";
import type { Grant } from "../policy/policy.ts";
import { type Hardware, imageBody, instanceBody } from "./bodies.ts";
import { newRequestId, type Pace, type RunContext, finish, insist, insistOn } from "./context.ts";
import { isOurs, make } from "./make.ts";
import { tearDown, type Teardown } from "./teardown.ts";
import { upload } from "./upload.ts";
import type { SerialReader } from "../serial/reader.ts";
import type { ResourceRef, Scope } from "../types.ts";

export interface SessionOptions {
  /** The checkout's root, where Google's client is installed. */
  readonly root: string;
  readonly run: RunId;
  readonly scope: Scope;
  readonly hardware: Hardware;
  /** Origin of a provider on this host. */
  readonly endpoint?: string;
  readonly headers: CredentialHeaders;
  readonly send?: typeof fetch;
  readonly callMs?: number;
  readonly journal: Journal;
  readonly createdUnix: number;
  readonly expiresUnix: number;
  /** For the packed disk, removed by the caller. */
  readonly scratch: string;
  readonly pace: Pace;
  readonly say: (text: string) => void;
  /** Nothing new is made any more, and what is under way is given up. */
  readonly stopping: AbortSignal;
  /** Even taking down is given up. */
  readonly killing: AbortSignal;
}

type InstanceRef = Extract<ResourceRef, { kind: "instance" | "disk" }>;

/** All that one run does at the provider. */
export class RunSession {
  /** What the guest is told by the stamp in its disk. */
  readonly stamp = { nonce: randomBytes(16).toString("hex"), boot: 1 };
  readonly requests: RequestEntry[] = [];
  readonly #options: SessionOptions;
  readonly #labels: RunLabels;
  #making: Result<RunContext> | undefined;
  #instance: InstanceRef | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#labels = runLabels(options.run, options.createdUnix, options.expiresUnix);
  }

  get run(): RunId {
    return this.#options.run;
  }

  get provider(): "google" | "local" {
    return this.#options.endpoint === undefined ? "google" : "local";
  }

  /** For making things; what is under way ends when the run is stopped. */
  get making(): Result<RunContext> {
    this.#making ??= this.#context(this.#options.stopping);
    return this.#making;
  }

  /** Uploads a raw disk and boots it. What was made is in the journal, however this ends. */
  async bringUp(disk: string): Promise<Result<ResourceRef>> {
    const { run, scope, hardware, scratch } = this.#options;
    const context = this.making;
    if (!context.ok) return context;
    const archive = join(scratch, "disk.tar.gz");
    const stamp = `nonce=${this.stamp.nonce} boot=${this.stamp.boot}`;
    const packed = await whileImageFile(disk, (source) => packDisk(source, "gcp", "gce-tar", archive, stamp));
    if (!packed.ok) return packed;

    const object = { kind: "object", name: objectName(run), bucket: scope.bucket } as const;
    const stored = await upload(context.value, object, archive, this.#labels);
    if ("failure" in stored) return failed("the upload", stored.failure);
    this.#options.say("importing the image");
    const image = { kind: "image", name: resourceName(run) } as const;
    const imported = await make(
      context.value,
      image,
      imageBody(run, scope, this.#labels, hardware),
      imageState,
    );
    if ("failure" in imported) return failed("the image", imported.failure);
    return this.#bootInstance(context.value);
  }

  /** The next zone is tried when one has no capacity, and for nothing else. */
  async #bootInstance(context: RunContext): Promise<Result<ResourceRef>> {
    const { run, scope, hardware } = this.#options;
    let last: Failure | undefined;
    for (const zone of scope.zones) {
      this.#options.say(`starting the instance in ${zone}`);
      const instance = { kind: "instance", name: resourceName(run), zone } as const;
      const body = instanceBody(run, scope, zone, this.#labels, hardware);
      const started = await make(context, instance, body, instanceState);
      if ("value" in started) {
        this.#instance = instance;
        return this.#noteDisk(context, { ...instance, kind: "disk" });
      }
      last = started.failure;
      if (last.kind !== "stock-out") break;
    }
    return failed(
      "the instance",
      last ?? { kind: "invalid", status: 0, reason: "", message: "there is no zone" },
    );
  }

  /** The disk came with the instance. Its number says that it is ours, whatever becomes of its labels. */
  async #noteDisk(context: RunContext, disk: InstanceRef): Promise<Result<ResourceRef>> {
    const found = await insistOn(context, "read", () => context.provider.get(disk));
    const id = "value" in found && isOurs(found.value, context.run) ? { id: found.value.id } : {};
    const result = "id" in id ? "done" : "unknown";
    const noted = context.journal.write({ type: "outcome", intent: "create", ref: disk, result, ...id });
    return noted.ok ? ok({ ...disk, kind: "instance" }) : noted;
  }

  /** Stops the instance and starts it again: the next boot of the same experiment. */
  async restart(reader: SerialReader): Promise<Result<ResourceRef>> {
    const context = this.making;
    if (!context.ok) return context;
    const instance = this.#instance;
    if (instance === undefined) throw new Error("nothing was started yet");
    for (const to of ["stop", "start"] as const) {
      const requestId = newRequestId();
      const noted = context.value.journal.write({ type: "intent", intent: to, ref: instance, requestId });
      if (!noted.ok) return noted;
      const asked = await insist(context.value, "delete", () =>
        context.value.provider.power(instance, to, requestId),
      );
      if ("look" in asked) return failed(`to ${to} the instance`, asked.look);
      if ("failure" in asked) return failed(`to ${to} the instance`, asked.failure);
      if (to === "start") reader.expectRestart();
      let isOver = false;
      const finished = finish(context.value, asked.value).finally(() => (isOver = true));
      if (to === "start") await this.#peek(context.value, reader, () => isOver);
      const done = await finished;
      if ("failure" in done) return failed(`to ${to} the instance`, done.failure);
    }
    return ok(instance);
  }

  /** Looks at the port while the machine starts, since what has begun anew is known best while it is still short. */
  async #peek({ provider, pace }: RunContext, reader: SerialReader, isOver: () => boolean): Promise<void> {
    const instance = this.#instance;
    if (instance === undefined) return;
    while (reader.isOpen && !isOver()) {
      const answer = await provider.serial(instance, reader.next);
      if ("value" in answer) reader.peek(answer.value);
      if (!isOver()) await pace.sleep(pace.lookMs / 4);
    }
  }

  /** The journal as it stands on the disk. */
  journalText(): string {
    return readFileSync(this.#options.journal.path, "utf8");
  }

  /** Every request that was made or refused, one a line. */
  requestLog(): string {
    return this.requests.map((entry, seq) => `${canonicalJson({ seq, ...entry })}\n`).join("");
  }

  /** Takes everything down, with a time and connections of its own: a stopped run still does this. */
  async takeDown(): Promise<Result<Teardown>> {
    const context = this.#context(this.#options.killing);
    return context.ok ? ok(await tearDown(context.value, this.#options.scope)) : context;
  }

  /** The context of a run, or of a sweep by another grant. */
  #context(abort: AbortSignal): Result<RunContext> {
    const { run, scope, journal, pace, say, stopping } = this.#options;
    const name = resourceName(run);
    const grant: Grant = {
      kind: "run",
      scope: { ...scope, name, object: objectName(run), labels: this.#labels },
    };
    return connect(
      {
        ...this.#options,
        grant,
        abort,
        record: (entry) => this.requests.push(entry),
        journaled: () => journal.state().count,
      },
      {
        run,
        journal,
        pace: { ...pace, sleep: (ms) => pace.sleep(ms, abort) },
        say,
        stopping,
      },
    );
  }
}

export interface ConnectOptions {
  readonly root: string;
  readonly scope: Scope;
  readonly endpoint?: string;
  readonly headers: CredentialHeaders;
  readonly grant: Grant;
  readonly abort: AbortSignal;
  readonly record: (entry: RequestEntry) => void;
  readonly journaled?: () => number;
  /** How a request leaves this process; `fetch` unless given. */
  readonly send?: typeof fetch;
  /** Milliseconds that a call may take. */
  readonly callMs?: number;
}

/** Opens the way to the provider for what a grant allows. */
export function connect(options: ConnectOptions, rest: Omit<RunContext, "provider">): Result<RunContext> {
  const { root, scope, endpoint, callMs } = options;
  const checked = endpoint === undefined ? ok("") : checkEndpoint(endpoint);
  if (!checked.ok) return checked;
  const timed = callMs === undefined ? {} : { callMs };
  const door = openDoor({ ...options, ...(callMs === undefined ? {} : { limitMs: 3 * callMs }) });
  const clients = openClients(root);
  if (!clients.ok) return clients;
  return ok({ ...rest, provider: openProvider({ scope, door, clients: clients.value, ...timed }) });
}

function imageState(status: string): "yes" | "no" | "never" {
  return status === "READY" ? "yes" : status === "FAILED" || status === "DELETING" ? "never" : "no";
}

function instanceState(status: string): "yes" | "no" | "never" {
  if (status === "RUNNING") return "yes";
  return ["STOPPING", "SUSPENDING", "TERMINATED", "STOPPED"].includes(status) ? "never" : "no";
}

function failed(what: string, failure: Failure): Result<never> {
  const code = failure.kind === "refused" ? "CAPOS_CLOUD_REFUSED" : "CAPOS_CLOUD_CALL";
  return fail(problem(cloudCodes, code, `${what} failed: ${failure.message}`));
}
