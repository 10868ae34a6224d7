import { type CrashMoment, type DiskHistory, sectorBytes } from "../../contract/index.ts";
import type { Checked } from "./check.ts";
import { survivorsOf } from "./orders.ts";
import type { CrashStates, DiskState } from "./states.ts";

/** A state that should not be. */
export interface BadState {
  readonly state: DiskState;
  readonly why: string;
}

/**
 * A state is consistent if its checker says so, and if it holds what a disk that never reorders could have held at
 * each moment that may leave it: then no crash shows a reader something that there never was, or takes back what was
 * durable. The result is in the order of size, the smallest first: by sectors that survive, and then by time.
 */
export function badStates(
  history: DiskHistory,
  moments: readonly CrashMoment[],
  { states, inOrder }: CrashStates,
  checked: readonly Checked[],
): readonly BadState[] {
  const results = new Map(states.map((state, i) => [state.digest, checked[i]]));
  const allowed = inOrder.map(
    (digests) =>
      new Set(
        digests.flatMap((digest) => {
          const result = results.get(digest);
          return result?.ok === true ? [result.contents] : [];
        }),
      ),
  );
  const bad = states.flatMap((state): BadState[] => {
    const result = results.get(state.digest);
    if (result === undefined) throw new Error("a state was not checked");
    if (!result.ok) return [{ state, why: result.text }];
    const { contents, text } = result;
    if ([...state.moments].every((moment) => allowed[moment]?.has(contents) === true)) return [];
    return [{ state, why: `${text}, which the guest's own order of writes never shows at that moment` }];
  });
  const size = ({ state }: BadState): number => {
    const moment = moments[state.moment];
    const parts = moment === undefined ? [] : survivorsOf(history, moment, state.parts);
    return parts.reduce((sum, { from, to }) => sum + to - from, 0);
  };
  const sized = bad.map((one) => ({ one, size: size(one) }));
  return sized
    .toSorted((a, b) => a.size - b.size || a.one.state.moment - b.one.state.moment)
    .map(({ one }) => one);
}

/** How a state comes about, for a person: when the crash is, and what of the pending writes survives it. */
export function describeState(
  history: DiskHistory,
  moments: readonly CrashMoment[],
  { moment: index, parts }: DiskState,
): string {
  const moment = moments[index];
  if (moment === undefined) throw new RangeError(`no moment ${index}`);
  const flushes = history.events
    .slice(0, moment.position)
    .filter(
      ({ kind, request }) =>
        kind === "done" && history.events.some((e) => e.kind === "flush" && e.request === request),
    );
  const when = `a crash behind ${moment.durable.length} durable writes and ${flushes.length} flushes`;
  const survivors = survivorsOf(history, moment, parts).map(({ write, from, to }) => {
    const { sector = 0, data } = history.writes[write] ?? {};
    const sectors = (data?.length ?? 0) / sectorBytes;
    const place = `byte ${(sector + from) * sectorBytes}`;
    const part = to - from === sectors ? `${sectors} sectors` : `${to - from} of ${sectors} sectors`;
    return `write ${write + 1} (${part} at ${place})`;
  });
  const what = survivors.length === 0 ? "none survives" : `survive ${survivors.join(", ")}`;
  return `${when}; of ${moment.pending.length} pending writes ${what}`;
}
