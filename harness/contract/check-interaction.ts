import { nearest } from "../base/index.ts";
import type { PlacedBoot, PlacedLandmark, Report } from "./check.ts";
import type { Send } from "./interaction.ts";
import { matchLine } from "./match.ts";
import { parsePattern, type Pattern } from "./pattern.ts";
import { expectationsOf } from "./peers.ts";
import { caposSpeech } from "./speech.ts";
import type { Never, Proof } from "./types.ts";

/** What is typed: that it can become due, that its echo can be told from what it must not be, that its port exists. */
export function checkSends(proof: Proof, boots: readonly PlacedBoot[], report: Report): void {
  for (const placed of boots) {
    const sends = placed.boot.sends ?? [];
    for (const [i, send] of sends.entries()) {
      const path = `${placed.path}.sends.${i}`;
      if (sends.findIndex((other) => other.name === send.name) < i) {
        report("CAPOS_PROOF_DUPLICATE", `the send \`${send.name}\` is declared twice`, `${path}.name`);
      }
      if (send.port === "terminal" && proof.machine.terminal !== true) {
        const next = "add `terminal: true` to its machine";
        report("CAPOS_PROOF_UNKNOWN_NAME", "the machine has no terminal", `${path}.port`, next);
      }
      checkTrigger(proof, placed, send, path, report);
      checkText(send, path, report);
      const before = sends.slice(0, i).findLast((other) => other.port === send.port);
      checkPrompt(send, before, path, report);
      if (send.port === "console") checkEchoed(proof, placed, send, path, report);
      checkForbidden([...proof.never, ...placed.boot.never], send, path, report);
    }
  }
}

function checkTrigger(proof: Proof, placed: PlacedBoot, send: Send, path: string, report: Report): void {
  const { boot } = placed;
  const { on } = send;
  if (on.on === "prompt") return;
  if (on.on === "landmark") {
    checkReached(
      placed,
      on.landmark,
      `${path}.at`,
      report,
      `\`${send.name}\` would be typed at it and never read`,
    );
    return;
  }
  const known = expectationsOf(proof.peers ?? {}, boot.name).map((e) => e.name);
  if (known.includes(on.expectation)) return;
  const meant = nearest(on.expectation, known);
  const next = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
  const message = `no peer of boot \`${boot.name}\` expects \`${on.expectation}\``;
  report("CAPOS_PROOF_UNKNOWN_NAME", message, `${path}.after`, next);
}

/** A landmark at which something is to be done must exist, and the boot must go on behind it. */
export function checkReached(
  { boot, landmarks }: PlacedBoot,
  name: string,
  path: string,
  report: Report,
  otherwise: string,
): void {
  const names = landmarks.map((l: PlacedLandmark) => l.landmark.name);
  if (!names.includes(name)) {
    const meant = nearest(name, names);
    const next = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
    report("CAPOS_PROOF_UNKNOWN_NAME", `boot \`${boot.name}\` has no landmark \`${name}\``, path, next);
  } else if ("at" in boot.ends && boot.ends.at === name) {
    const message = `the boot ends at \`${name}\`: ${otherwise}`;
    report("CAPOS_PROOF_DEAD", message, path, "end the boot at a later landmark");
  }
}

function checkText({ text, echo }: Send, path: string, report: Report): void {
  if (text === "") {
    report("CAPOS_PROOF_DEAD", "nothing would be typed", `${path}.text`);
  } else if (echo && !/^[ -~]+[\r\n]*$/u.test(text)) {
    const message = "what is echoed is one line of printable ASCII, which a line end may follow";
    const next = "type further lines by sends of their own, and keys such as Ctrl-C without `echo`";
    report("CAPOS_PROOF_CONTRADICTION", message, `${path}.text`, next);
  }
}

function checkPrompt(send: Send, before: Send | undefined, path: string, report: Report): void {
  if (send.on.on !== "prompt") return;
  const { text } = send.on;
  if (text === "") {
    report("CAPOS_PROOF_DEAD", "an empty prompt has come before anything is shown", `${path}.prompt`);
  } else if (before !== undefined && !before.echo && before.text.includes(text)) {
    const message = `the prompt stands in what \`${before.name}\` types before, so its echo would be taken for it`;
    const next = `give \`${before.name}\` \`echo: true\`, behind whose echo the prompt is sought`;
    report("CAPOS_PROOF_AMBIGUOUS", message, `${path}.prompt`, next);
  }
}

/** What is typed comes back: it must not be a landmark by that, nor a word of the kernel. */
function checkEchoed(
  proof: Proof,
  { landmarks }: PlacedBoot,
  send: Send,
  path: string,
  report: Report,
): void {
  const typed = send.text.split(/\r\n?|\n/u).filter((line) => line !== "");
  const prompt = send.on.on === "prompt" ? send.on.text : "";
  const echoes = [...typed, ...typed.slice(0, 1).map((line) => `${prompt}${line}`)];
  const fits = (pattern: Pattern | undefined): boolean =>
    pattern !== undefined &&
    echoes.some((echo) => {
      const bytes = Buffer.from(echo);
      return matchLine(pattern, bytes, 0, bytes.length) !== undefined;
    });
  const landmark = landmarks.find((l) => fits(l.pattern))?.landmark.name;
  if (landmark !== undefined) {
    const message = `the echo of \`${send.name}\` would be the landmark \`${landmark}\`, whatever the guest does`;
    report(
      "CAPOS_PROOF_AMBIGUOUS",
      message,
      `${path}.text`,
      "let the guest print something that was not typed",
    );
  }
  const { banner, trailer, panic } = proof.guest ?? caposSpeech;
  for (const word of [banner, trailer, ...panic]) {
    const pattern = parsePattern(word);
    if (!pattern.ok || !fits(pattern.value)) continue;
    const message = `the echo of \`${send.name}\` would be the line \`${word}\`, which only the kernel may say`;
    report("CAPOS_PROOF_AMBIGUOUS", message, `${path}.text`);
  }
}

function checkForbidden(nevers: readonly Never[], send: Send, path: string, report: Report): void {
  const never = nevers.find(({ text }) => text !== "" && send.text.includes(text));
  if (never === undefined) return;
  const message = `\`${never.text}\` is forbidden, and what \`${send.name}\` types holds it and comes back`;
  report("CAPOS_PROOF_CONTRADICTION", message, `${path}.text`);
}
