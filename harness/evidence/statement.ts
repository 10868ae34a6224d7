/**
 * A verified bundle as an in-toto test-result statement, and its signature as a DSSE envelope. The ledger's
 * digests guard against accident; only a signature guards against forgery, and only for one who holds the
 * signer's public key by another way.
 */
import { type KeyObject, createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { type Result, canonicalJson, fail, ok, problem, sha256 } from "../base/index.ts";
import { canonicalText } from "./canonical.ts";
import { evidenceCodes } from "./codes.ts";
import * as d from "./decode.ts";
import { evidenceFolder } from "./layout.ts";
import type { StoredCase } from "./stored-case.ts";

const payloadType = "application/vnd.in-toto+json";

/** The statement as JSON text: the programs that ran, under which proof, with what result. */
export function testResultStatement(stored: StoredCase, bundle: string): string {
  const { inputs, started, verdict } = stored;
  const passed = verdict.verdict === "proved";
  const artefacts = { kernel: inputs.kernel, "boot-manifest": inputs.bootManifest, ...inputs.programs };
  return canonicalText({
    _type: "https://in-toto.io/Statement/v1",
    subject: Object.entries(artefacts).map(([name, { sha256 }]) => ({
      name: `${inputs.proof.image}/${name}`,
      digest: { sha256 },
    })),
    predicateType: "https://in-toto.io/attestation/test-result/v0.1",
    predicate: {
      result: passed ? "PASSED" : "FAILED",
      configuration: [
        { name: inputs.proof.name, digest: { sha256: sha256(canonicalJson(inputs.proof)) } },
        { name: `${evidenceFolder}/${bundle}.tar!bundle.json`, digest: { sha256: bundle } },
      ],
      passedTests: passed ? [started.case.id] : [],
      failedTests: passed ? [] : [started.case.id],
    },
  });
}

const envelopeDecoder = d.object({
  payload: d.string,
  payloadType: d.oneOf([payloadType]),
  signatures: d.array(d.object({ keyid: d.string, sig: d.string })),
});

/** Signs a statement with an ed25519 private key (PKCS #8, PEM) and returns the envelope as JSON text. */
export function signStatement(statement: string, pem: string): Result<string> {
  const key = ed25519(() => createPrivateKey(pem));
  if (!key.ok) return key;
  const sig = sign(null, preAuthentication(statement), key.value).toString("base64");
  const keyid = keyId(createPublicKey(key.value));
  return ok(
    canonicalText({
      payload: Buffer.from(statement).toString("base64"),
      payloadType,
      signatures: [{ keyid, sig }],
    }),
  );
}

/** Checks an envelope against an ed25519 public key (SPKI, PEM) and returns the statement. */
export function openEnvelope(envelope: string, pem: string): Result<string> {
  const key = ed25519(() => createPublicKey(pem));
  if (!key.ok) return key;
  const decoded = d.decode(envelopeDecoder, parseJson(envelope));
  if (!("value" in decoded)) {
    return fail(
      problem(evidenceCodes, "CAPOS_EVIDENCE_FORMAT", `the envelope: ${decoded.at} ${decoded.message}`),
    );
  }
  const statement = Buffer.from(decoded.value.payload, "base64").toString("utf8");
  const signed = decoded.value.signatures.some(({ sig }) =>
    verify(null, preAuthentication(statement), key.value, Buffer.from(sig, "base64")),
  );
  if (signed) return ok(statement);
  const message = `no signature of the envelope is by key ${keyId(key.value)}`;
  return fail(problem(evidenceCodes, "CAPOS_EVIDENCE_SIGNATURE", message));
}

/** What DSSE signs: type and body with their lengths, so that neither can be taken for the other. */
function preAuthentication(body: string): Uint8Array {
  const lengths = [Buffer.byteLength(payloadType), Buffer.byteLength(body)];
  return Buffer.from(`DSSEv1 ${lengths[0]} ${payloadType} ${lengths[1]} ${body}`);
}

/** SHA-256 of the public key in DER form. */
function keyId(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");
}

function ed25519(load: () => KeyObject): Result<KeyObject> {
  try {
    const key = load();
    if (key.asymmetricKeyType === "ed25519") return ok(key);
    return fail(
      problem(evidenceCodes, "CAPOS_EVIDENCE_KEY", `the key is of type ${key.asymmetricKeyType ?? "secret"}`),
    );
  } catch {
    // What the library says of it names its own routines.
    return fail(
      problem(evidenceCodes, "CAPOS_EVIDENCE_KEY", "what was given as the key is no key in PEM form"),
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
