import { type ChildProcess, spawn } from "node:child_process";
import { runMarker } from "./sweep.ts";

/**
 * The reaper outlives the tool for the moment it takes to clean up after it. It reads `+GROUP` and `-GROUP` lines
 * from the tool and a single `.` at a good end. When the pipe closes without one, the tool is dead (SIGKILL leaves it
 * no time for anything): every group still listed is killed, then whatever carries the run's marker.
 *
 * It is a shell and not Node because it is there in every run: it costs a millisecond and 700 kB instead of thirty
 * and forty thousand. It sits in its own session and ignores what a terminal or a careless `kill` may send.
 */
const script = `
trap '' HUP INT QUIT TERM PIPE USR1 USR2
groups=
while read -r line; do
  case $line in
    +*) groups="$groups \${line#+}" ;;
    -*) kept=
        for group in $groups; do [ "$group" = "\${line#-}" ] || kept="$kept $group"; done
        groups=$kept ;;
    .)  exit 0 ;;
  esac
done
for group in $groups; do kill -KILL -- "-$group"; done
round=0
while [ $round -lt 40 ]; do
  found=
  for file in $(grep -lszxF "$1" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -KILL "\${pid%/environ}" && found=yes
  done
  [ "$found" ] || exit 0
  round=$((round + 1))
  sleep 0.05
done
`;

/** Where reapers keep dying, there is no point in more of them: the jobs go on, and the marker is still there. */
const maxLost = 10;

/** Keeps one reaper process alive while there are groups to watch, and tells it of each. */
export class Reaper {
  readonly #run: string;
  readonly #groups = new Set<number>();
  #child: ChildProcess | undefined;
  #lost = 0;

  constructor(run: string) {
    this.#run = run;
  }

  /** Starts the reaper if it does not run. Called before the first group exists, so that none is ever unwatched. */
  ready(): void {
    if (this.#child !== undefined) return;
    const { [runMarker]: _, ...env } = process.env;
    const child = spawn("/bin/sh", ["-c", script, "capos-reaper", `${runMarker}=${this.#run}`], {
      cwd: "/",
      detached: true,
      // Without the marker of an outer run, whose sweep must not stop this one from cleaning up.
      env,
      stdio: ["pipe", "ignore", "ignore"],
    });
    // Somebody may kill the reaper, too: a new one takes over, and is told of the groups that there are.
    const lost = (): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      if (this.#groups.size > 0 && this.#lost++ < maxLost) this.ready();
    };
    child.once("error", lost);
    child.once("exit", lost);
    child.stdin?.on("error", lost);
    child.unref();
    unrefStream(child.stdin);
    this.#child = child;
    for (const group of this.#groups) this.#tell(`+${group}`);
  }

  watch(group: number): void {
    this.ready();
    this.#groups.add(group);
    this.#tell(`+${group}`);
  }

  forget(group: number): void {
    this.#groups.delete(group);
    this.#tell(`-${group}`);
  }

  /** Ends the reaper without killing anything. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    this.#child = undefined;
    const gone = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
    child.ref();
    child.stdin?.end(".\n");
    await gone;
  }

  #tell(line: string): void {
    this.#child?.stdin?.write(`${line}\n`);
  }
}

/** A pipe to a child is a socket at run time and keeps the event loop alive unless it is told not to. */
function unrefStream(stream: unknown): void {
  if (
    typeof stream === "object" &&
    stream !== null &&
    "unref" in stream &&
    typeof stream.unref === "function"
  ) {
    stream.unref();
  }
}
