import { type Problem, type Result, type Span, err, nearest, ok, problem } from "../base/index.ts";
import { manifestCodes } from "./codes.ts";
import type { Loaded } from "./load.ts";
import type { PackageKind } from "./package.ts";
import { Cursor, type Reading } from "./reader.ts";

export interface Document {
  readonly cursor: Cursor;
  readonly reading: Reading;
}

/** Finds the one declaration that a file is named after, and refuses anything beside it. */
export function openDocument(loaded: Loaded, kind: PackageKind, name: string): Result<Document> {
  const file = loaded.sources.find((s) => s.path.startsWith(`${kind.folder}/${name}`))?.path;
  const fallback: Span = { file: file ?? `${kind.folder}/${name}.cue`, line: 1, col: 1 };
  const reading: Reading = { index: loaded.index, fallback, problems: [] };
  const root = new Cursor(reading, [], loaded.value);
  const problems: Problem[] = [];
  for (const [field, at] of root.entries()) {
    if (field === kind.field) continue;
    const like = nearest(field, [kind.field]);
    const next = like === undefined ? {} : { next: `did you mean \`${like}\`?` };
    const message = `there is no field \`${field}\` at the top of a file of ${kind.folder}/`;
    problems.push(problem(manifestCodes, "CAPOS_CUE_FIELD", message, { span: at.labelSpan, ...next }));
  }
  const declared = root.field(kind.field).entries();
  for (const [other, at] of declared) {
    if (other === name) continue;
    const message = `this file declares the ${kind.field} \`${other}\`, but it is the file of \`${name}\``;
    const next = `call it "${name}", or move it to ${kind.folder}/${other}.cue`;
    problems.push(problem(manifestCodes, "CAPOS_MANIFEST_NAME", message, { span: at.labelSpan, next }));
  }
  if (problems.length > 0) return err(problems);
  const own = declared.find(([declaredName]) => declaredName === name)?.[1];
  if (own !== undefined) return ok({ cursor: own, reading });
  const message = `this file declares no ${kind.field}`;
  const next = `declare it: ${kind.field}: ${JSON.stringify(name)}: {…}`;
  return err([problem(manifestCodes, "CAPOS_MANIFEST_NAME", message, { span: fallback, next })]);
}
