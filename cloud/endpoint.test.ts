import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checkEndpoint } from "./endpoint.ts";

test.each(["http://127.0.0.1:4000", "http://[::1]:65535", "http://127.0.0.1:1"])("%s is on this host", (at) =>
  expect(checkEndpoint(at)).toEqual({ ok: true, value: at }),
);

test.each([
  ["another host", "http://10.0.0.1:4000"],
  ["Google's own", "https://compute.googleapis.com"],
  ["a name, whatever it resolves to", "http://localhost:4000"],
  ["a name that ends as this host's", "http://127.0.0.1.example.org:4000"],
  ["a name that begins as this host's", "http://localhost.example.org:4000"],
  ["a user that looks like a host", "http://127.0.0.1:4000@example.org:80"],
  ["a user", "http://me:secret@127.0.0.1:4000"],
  ["a backslash in place of the host's end", "http://example.org:80\\@127.0.0.1:4000"],
  ["an address in one number", "http://2130706433:4000"],
  ["an address in octal", "http://0177.0.0.1:4000"],
  ["an address of fewer parts", "http://127.1:4000"],
  ["full-width digits, which a URL folds", "http://１27.0.0.1:4000"],
  ["every address of this host", "http://0.0.0.0:4000"],
  ["every IPv6 address of this host", "http://[::]:4000"],
  ["an IPv4 address in IPv6", "http://[::ffff:127.0.0.1]:4000"],
  ["an IPv4 address of elsewhere in IPv6", "http://[::ffff:10.0.0.1]:4000"],
  ["a zone of an IPv6 address", "http://[::1%25eth0]:4000"],
  ["TLS, which would hide where it goes", "https://127.0.0.1:4000"],
  ["no port", "http://127.0.0.1"],
  ["a port that is none", "http://127.0.0.1:0"],
  ["a port beyond all", "http://127.0.0.1:65536"],
  ["a path", "http://127.0.0.1:4000/elsewhere"],
  ["a query", "http://127.0.0.1:4000?to=http://example.org"],
  ["a second line", "http://127.0.0.1:4000\nhttp://example.org"],
  ["a file", "file://127.0.0.1:4000"],
  ["nothing", ""],
])("%s is refused: %s", (_, endpoint) =>
  expect(checkEndpoint(endpoint)).toMatchObject({
    ok: false,
    error: [{ code: "CAPOS_CLOUD_ENDPOINT", exit: "usage" }],
  }),
);

test("whatever is taken is a loopback address to everybody who reads it as a URL", () => {
  const piece = fc.constantFrom(
    "http",
    "://",
    "127.0.0.1",
    "[::1]",
    ":",
    "80",
    "@",
    "/",
    "#",
    ".",
    "x",
    "\\",
    "%00",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece).map((p) => p.join("")),
        fc.webUrl(),
      ),
      (endpoint) => {
        if (!checkEndpoint(endpoint).ok) return;
        const { hostname, username, password, pathname } = new URL(endpoint);
        expect(["127.0.0.1", "[::1]"]).toContain(hostname);
        expect([username, password, pathname]).toEqual(["", "", "/"]);
      },
    ),
    { numRuns: 2000 },
  );
});
