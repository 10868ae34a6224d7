/** What a machine runs, by name and by the digest of what is loaded. */
export interface LoadedPrograms {
  readonly kernel: LoadedProgram;
  readonly users: readonly LoadedProgram[];
}

export interface LoadedProgram {
  readonly name: string;
  readonly sha256: string;
}

interface Digested {
  readonly sha256: string;
}

/** Of what was built, or of what the evidence says was. */
export function loadedPrograms(built: {
  readonly kernel: Digested;
  readonly programs: Readonly<Record<string, Digested>>;
}): LoadedPrograms {
  return {
    kernel: { name: "capos-kernel", sha256: built.kernel.sha256 },
    users: Object.entries(built.programs).map(([name, { sha256 }]) => ({ name, sha256 })),
  };
}
