import { Listr, type ListrTaskWrapper, type DefaultRenderer, type SimpleRenderer } from "listr2";
import type { Event } from "../events/index.ts";
import type { Renderer, Streams } from "./renderer.ts";
import { failureText, line, seconds, summaryLine, verdictLine } from "./words.ts";

type Row = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** A case on the screen. It may end before listr2 has started its row, so the end is a promise of ours. */
interface Live {
  row: Row | undefined;
  readonly ended: Promise<void>;
  readonly end: (failure?: Error) => void;
}

function newLive(): Live {
  let end: Live["end"] = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = (failure) => (failure === undefined ? resolve() : reject(failure));
  });
  ended.catch(() => {}); // drawn by listr2 when it looks, and no fault of ours before
  return { row: undefined, ended, end };
}

/**
 * A short view for a terminal: a row a case, its newest landmark beneath. listr2 only draws; its signal
 * handling is off, since its default would end the process without letting anything clean up.
 */
export function liveRenderer(streams: Streams): Renderer {
  const cases = new Map<string, Live>();
  const closing: string[] = [];
  let drawn: Promise<unknown> = Promise.resolve();

  function start(ids: readonly string[]): void {
    for (const id of ids) cases.set(id, newLive());
    const rows = [...cases].map(([title, live]) => ({
      title,
      task: (_context: unknown, row: Row) => {
        live.row = row;
        return live.ended;
      },
    }));
    const list = new Listr(rows, {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      rendererOptions: { showErrorMessage: false },
    });
    drawn = list.run();
  }

  function show(id: string, text: string): void {
    const row = cases.get(id)?.row;
    if (row !== undefined) row.output = text;
  }

  function on(event: Event): void {
    switch (event.type) {
      case "run-started":
        return start(event.cases.map((c) => c.id));
      case "build-started":
        return showAll(`building ${event.image}`);
      case "build-progress":
        return showAll(`building ${event.image}: ${event.line}`);
      case "boot-started":
        return show(event.case.id, `${event.boot}: power on`);
      case "banner":
        return show(event.case.id, `${event.boot}: the kernel speaks`);
      case "landmark":
        return show(event.case.id, `${event.boot}: ${event.name} (${event.seen}/${event.of})`);
      case "slow":
        return show(
          event.case.id,
          `${event.boot}: awaits ${event.awaiting}, ${Math.round(event.ms / 1000)} s`,
        );
      case "case-finished": {
        const proved = event.verdict === "proved";
        closing.push(verdictLine(event), ...(proved ? [] : [failureText(event)]));
        const live = cases.get(event.case.id);
        if (live?.row !== undefined)
          live.row.title = `${event.case.id} ${seconds(event.ms)} ${event.verdict}`;
        return live?.end(proved ? undefined : new Error(event.verdict));
      }
      case "notice":
        if (event.level === "warning") closing.push(line("WARNING", event.text));
        return;
      case "problem":
        closing.push(event.text);
        return;
      case "run-finished":
        closing.push(summaryLine(event));
        // Cases that never finished (an interrupt, a failed build) must not hold the screen.
        for (const live of cases.values()) live.end(new Error("not run"));
        return;
      default:
        return;
    }
  }

  function showAll(text: string): void {
    for (const id of cases.keys()) show(id, text);
  }

  return {
    on,
    async close() {
      for (const live of cases.values()) live.end();
      await drawn;
      for (const text of closing) streams.out(text);
    },
  };
}
