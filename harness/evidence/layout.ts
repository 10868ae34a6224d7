/** Where things stand: in a case's directory, and below the project root. */
import { readFileSync } from "node:fs";

export const evidenceFolder = "tasks/evidence";
export const ledgerFolder = "tasks/ledger";

/** What a boot may be called: it names a folder and stands in a tar header of limited length. */
export const bootName = /^[a-z0-9-]{1,48}$/u;

/** What an attached file may be called, for the same reason. */
export const attachedName = /^[a-z0-9-]{1,32}\.(jsonl|raw|txt|json)$/u;

export interface BootFiles {
  readonly folder: string;
  readonly boot: string;
  readonly console: string;
  readonly timeline: string;
  readonly disks: string;
  /** Folder of what took part in the boot: logs of peers, the second serial port. */
  readonly attached: string;
}

/** Paths of one boot in the case's directory. Throws for a name that is no path component. */
export function bootFiles(index: number, name: string): BootFiles {
  if (!bootName.test(name)) throw new Error(`a boot cannot be named ${JSON.stringify(name)}`);
  const folder = `boots/${index}-${name}`;
  return {
    folder,
    boot: `${folder}/boot.json`,
    console: `${folder}/console.raw`,
    timeline: `${folder}/timeline.jsonl`,
    disks: `${folder}/disks.json`,
    attached: `${folder}/attached`,
  };
}

/** Start time of a living process in clock ticks since host boot: with the pid, its identity. */
export function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
