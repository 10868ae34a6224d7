/** A word of the command line that names proofs (`run-smoke`, `run-*`) or cases (`run-smoke@uefi`, `run-*@*+2cpu`). */
export interface NamePattern {
  readonly text: string;
  /** The proof that is meant, where exactly one is. */
  readonly exact?: string;
  /** Whether it chooses points of the matrix by itself. */
  readonly ofCases: boolean;
  readonly accelerator?: "kvm" | "tcg";
  matchesProof(name: string): boolean;
  /** Whether a case of a matching proof is meant; `id` is without accelerator. */
  matchesCase(id: string): boolean;
}

/** Reads a name, a glob or the identity of a case. `*` stands for any text and `?` for one character. */
export function parseName(text: string): NamePattern {
  const at = text.indexOf("@");
  const name = at < 0 ? text : text.slice(0, at);
  const tail = /\+(kvm|tcg)$/u.exec(at < 0 ? "" : text)?.[1];
  const accelerator = tail === "kvm" || tail === "tcg" ? tail : undefined;
  const id = accelerator === undefined ? text : text.slice(0, -accelerator.length - 1);
  const [proofs, cases] = [globExpression(name), globExpression(id)];
  return {
    text,
    ...(isGlob(name) ? {} : { exact: name }),
    ofCases: at >= 0,
    ...(accelerator === undefined ? {} : { accelerator }),
    matchesProof: (candidate) => proofs.test(candidate),
    matchesCase: (candidate) => at < 0 || cases.test(candidate),
  };
}

export function isGlob(text: string): boolean {
  return /[*?]/u.test(text);
}

function globExpression(glob: string): RegExp {
  const source = glob.replace(/[\\^$.|?*+()[\]{}]/gu, (c) => (c === "*" ? ".*" : c === "?" ? "." : `\\${c}`));
  return new RegExp(`^${source}$`, "u");
}
