import type { Result } from "../base/index.ts";
import { type Job, type JobSpec, startJob } from "./job.ts";
import type { ProcessStat } from "./procfs.ts";
import { Reaper } from "./reaper.ts";
import { sweep } from "./sweep.ts";

/** Owns every process that a run starts, and answers for none being left. */
export interface Supervisor {
  /** Value of the environment marker by which the run's processes are found. */
  readonly run: string;
  start(spec: JobSpec): Promise<Result<Job>>;
  /** Ends every job that runs and waits for their ends. */
  stopAll(how: "ask" | "kill", why: string): Promise<void>;
  /** Kills what still runs, also what has left its group, and ends the reaper. Returns what had to be killed. */
  close(): Promise<readonly ProcessStat[]>;
}

/** Makes the supervisor of a run. `run` must be unique on this host. Nothing is started until the first job. */
export function createSupervisor(run: string): Supervisor {
  const reaper = new Reaper(run);
  const jobs = new Set<Job>();
  let count = 0;

  const stopAll: Supervisor["stopAll"] = async (how, why) => {
    const running = [...jobs];
    for (const job of running) job.stop(how, why);
    await Promise.all(running.map((job) => job.ended));
  };

  return {
    run,
    async start(spec) {
      reaper.ready();
      const started = await startJob(spec, {
        run,
        job: count++,
        watch: (group) => reaper.watch(group),
        forget: (group) => reaper.forget(group),
      });
      if (started.ok) {
        const job = started.value;
        jobs.add(job);
        void job.ended.then(() => jobs.delete(job));
      }
      return started;
    },
    stopAll,
    async close() {
      await stopAll("kill", "the run is over");
      const escaped = count === 0 ? [] : await sweep({ run });
      await reaper.close();
      return escaped;
    },
  };
}
