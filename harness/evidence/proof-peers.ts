import * as d from "./decode.ts";

const body = d.tagged("is", {
  text: d.object({ is: d.oneOf(["text"]), text: d.string }),
  pattern: d.object({ is: d.oneOf(["pattern"]), bytes: d.count }),
  digest: d.object({ is: d.oneOf(["digest"]), of: d.string }),
});

const inTime = { name: d.string, withinMs: d.number };

const httpServer = d.object(
  {
    kind: d.oneOf(["http-server"]),
    port: d.count,
    routes: d.array(d.object({ path: d.string, status: d.count, headers: d.record(d.string), body })),
    expects: d.array(
      d.object(
        { ...inTime, method: d.string, path: d.string, times: d.count },
        { body: d.string, from: d.string },
      ),
    ),
  },
  { boot: d.string },
);

const httpClient = d.object(
  {
    kind: d.oneOf(["http-client"]),
    to: d.count,
    at: d.string,
    requests: d.array(
      d.object(
        {
          ...inTime,
          method: d.string,
          path: d.string,
          headers: d.record(d.string),
          body: d.string,
          status: d.count,
        },
        { answer: d.string, sha256: d.hex64 },
      ),
    ),
  },
  { boot: d.string },
);

const tcpClient = d.object(
  {
    kind: d.oneOf(["tcp-client"]),
    to: d.count,
    at: d.string,
    send: d.string,
    close: d.boolean,
    withinMs: d.number,
  },
  { boot: d.string, drip: d.object({ bytes: d.count, everyMs: d.number }), answer: d.string },
);

const reply = (value: unknown, at: string): { echo: true } | { echo: false; text: string } => {
  const { echo, text } = d.object({ echo: d.boolean }, { text: d.string })(value, at);
  if (echo) return { echo };
  return text === undefined ? d.refuse(at, "must say what is answered") : { echo, text };
};

const udpServer = d.object(
  {
    kind: d.oneOf(["udp-server"]),
    port: d.count,
    expects: d.array(d.object({ ...inTime, text: d.string, times: d.count }, { from: d.string })),
  },
  { boot: d.string, reply },
);

const udpClient = d.object(
  {
    kind: d.oneOf(["udp-client"]),
    to: d.count,
    at: d.string,
    send: d.string,
    times: d.count,
    everyMs: d.number,
    withinMs: d.number,
  },
  { boot: d.string, answer: d.string },
);

const argv = (value: unknown, at: string): readonly [string, ...string[]] => {
  const [program, ...rest] = d.array(d.string)(value, at);
  return program === undefined ? d.refuse(at, "must name a program") : [program, ...rest];
};

const program = d.object(
  {
    kind: d.oneOf(["program"]),
    argv,
    env: d.record(d.string),
    reaches: d.array(d.count),
    withinMs: d.number,
  },
  {
    boot: d.string,
    at: d.string,
    serves: d.object({ port: d.count, ready: d.string }),
    status: d.count,
  },
);

/** What a proof declares of peers, as it is stored. */
export const peersDecoder = d.record(
  d.tagged("kind", {
    "http-server": httpServer,
    "http-client": httpClient,
    "tcp-client": tcpClient,
    "udp-server": udpServer,
    "udp-client": udpClient,
    program,
  }),
);
