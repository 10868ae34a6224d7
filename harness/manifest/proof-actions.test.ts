import { expect, test } from "vitest";
import { options, shown, toolRoot, tree } from "./fixtures.ts";
import { loadProof } from "./index.ts";

/** Sends and peers as a proof writes them: what is filled in, and where what is wrong is shown. */

async function load(boot: string, rest = "") {
  const text = `proof: "run-x": {
	title: "t"
	image: "x"
	boots: [{name: "b", ends: {how: "halt"}, landmarks: [{name: "up", line: "x"}]
${boot}
	}]
${rest}
}
`;
  const root = tree({ "manifests/x.cue": "", "proofs/run-x.cue": text });
  const loaded = await loadProof(root, "run-x", options);
  return { loaded, output: shown(root, loaded) };
}

test("the proofs of the tree say what they mean", async () => {
  const loaded = await loadProof(toolRoot, "run-linux-peers", options);
  if (!loaded.ok) throw new Error(shown(toolRoot, loaded));
  const { web, drip, echo, shout } = loaded.value.peers ?? {};
  expect(web).toMatchObject({
    kind: "http-server",
    port: 80,
    expects: [{ method: "GET", times: 1 }, { from: "digest" }],
  });
  expect(drip).toMatchObject({ drip: { bytes: 1, everyMs: 20 }, close: false, withinMs: 10_000 });
  expect(echo).toMatchObject({ kind: "udp-server", reply: { echo: true } });
  expect(shout).toMatchObject({ argv: ["node", "tools/peers/shout.mjs"], reaches: [], withinMs: 30_000 });
  expect(loaded.value.boots[0]?.sends?.[0]).toMatchObject({
    on: { on: "prompt", text: "linux# " },
    echo: true,
    port: "console",
  });
});

test("a send waits for one thing", async () => {
  const { output } = await load(
    'sends: [{name: "a", at: "up", prompt: "$ ", text: "x"}, {name: "b", text: "x"}]',
  );
  expect(output).toMatchInlineSnapshot(`
    "error[CAPOS_PROOF_FORM]: a send has one of \`at\` (a landmark), \`prompt\` and \`after\` (what a peer has seen)
      --> proofs/run-x.cue:5:9
      5 | sends: [{name: "a", at: "up", prompt: "$ ", text: "x"}, {name: "b", text: "x"}]
        |         ^
      next: docs/proofs.md shows the forms of every part

    error[CAPOS_PROOF_FORM]: a send has one of \`at\` (a landmark), \`prompt\` and \`after\` (what a peer has seen)
      --> proofs/run-x.cue:5:57
      5 | sends: [{name: "a", at: "up", prompt: "$ ", text: "x"}, {name: "b", text: "x"}]
        |                                                         ^
      next: docs/proofs.md shows the forms of every part
    "
  `);
});

test("what a peer does not have is refused at its place", async () => {
  const { output } = await load(
    "",
    `	peers: {
		web: {kind: "http-server", to: 80}
	}`,
  );
  expect(output).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_FIELD]: there is no field \`to\` in \`proof."run-x".peers.web\`
      --> proofs/run-x.cue:8:30
      8 | 		web: {kind: "http-server", to: 80}
        | 		                           ^^
      next: it belongs to another struct, or to another \`kind\` of this one
    "
  `);
});

test("values of peers are held to their form", async () => {
  const { output } = await load(
    "",
    `	peers: {
		web: {kind: "https-server"}
		get: {kind: "http-client", to: 70000, at: "up", requests: [{name: "a", path: "no slash"}]}
	}`,
  );
  expect(output).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_VALUE]: \`kind\` is "https-server", but must be one of http-server, http-client, tcp-client, udp-server, udp-client, program
      --> proofs/run-x.cue:8:15
      8 | 		web: {kind: "https-server"}
        | 		            ^^^^^^^^^^^^^^
      note: the schema asks for it here
      --> proofs/schema/peers.cue:11:8
      11 | 	kind: =~"^(http-server|http-client|tcp-client|udp-server|udp-client|program)$"
         | 	      ^
      next: did you mean "http-server"?

    error[CAPOS_CUE_VALUE]: \`to\` is 70000, but must be at most 65535
      --> proofs/run-x.cue:9:34
      9 | 		get: {kind: "http-client", to: 70000, at: "up", requests: [{name: "a", path: "no slash"}]}
        | 		                               ^^^^^
      note: the schema asks for it here
      --> proofs/schema/peers.cue:4:22
      4 | #Port:   int & >=1 & <=65535
        |                      ^
      next: correct the value at the place shown

    error[CAPOS_CUE_VALUE]: \`path\` is "no slash", but must be of the form ^/[!-~]*$
      --> proofs/run-x.cue:9:80
      9 | 		get: {kind: "http-client", to: 70000, at: "up", requests: [{name: "a", path: "no slash"}]}
        | 		                                                                             ^^^^^^^^^^
      note: the schema asks for it here
      --> proofs/schema/peers.cue:6:10
      6 | #Path:   =~"^/[!-~]*$"
        |          ^
      next: correct the value at the place shown
    "
  `);
});

test("what cannot go together is refused, and what is missing is named", async () => {
  const { output } = await load(
    "",
    `	peers: {
		udp: {kind: "udp-server", port: 7, echo: true, answer: "x"}
		two: {kind: "http-server", routes: "/a": {body: "x", size: "1Ki"}}
		tool: {kind: "program", argv: []}
	}`,
  );
  expect(output).toMatchInlineSnapshot(`
    "error[CAPOS_PROOF_FORM]: \`echo\` answers already
      --> proofs/run-x.cue:8:58
      8 | 		udp: {kind: "udp-server", port: 7, echo: true, answer: "x"}
        | 		                                                       ^^^
      next: docs/proofs.md shows the forms of every part

    error[CAPOS_PROOF_FORM]: an answer has one of \`body\`, \`size\` and \`digestOf\`
      --> proofs/run-x.cue:9:44
      9 | 		two: {kind: "http-server", routes: "/a": {body: "x", size: "1Ki"}}
        | 		                                         ^
      next: docs/proofs.md shows the forms of every part

    error[CAPOS_PROOF_FORM]: a program is named by the first word of \`argv\`
      --> proofs/run-x.cue:10:33
      10 | 		tool: {kind: "program", argv: []}
         | 		                              ^
      next: docs/proofs.md shows the forms of every part
    "
  `);
  const missing = await load("", '	peers: get: {kind: "http-client", to: 80, requests: []}');
  expect(missing.output).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_MISSING]: the field \`at\` of \`proof."run-x".peers.get\` is missing
      --> proofs/run-x.cue:7:9
      7 | 	peers: get: {kind: "http-client", to: 80, requests: []}
        | 	       ^^^
      next: add \`at\` here
    "
  `);
});
