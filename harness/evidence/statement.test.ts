import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEnvelope, packCase, signStatement, testResultStatement } from "./index.ts";
import { must, temporaryFolder, writeSampleCase } from "./testing.ts";

let folder: ReturnType<typeof temporaryFolder>;
let statement: string;
beforeAll(() => {
  folder = temporaryFolder();
  const packed = must(packCase(writeSampleCase(folder.path)));
  statement = testResultStatement(packed.case, packed.digest);
});
afterAll(() => folder.remove());

const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    secret: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    open: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
};

describe("the statement", () => {
  test("is an in-toto test result", () => {
    expect(statement.replaceAll(/[0-9a-f]{64}/gu, "…")).toMatchInlineSnapshot(`
      "{
        "_type": "https://in-toto.io/Statement/v1",
        "predicate": {
          "configuration": [
            {
              "digest": {
                "sha256": "…"
              },
              "name": "run-sample"
            },
            {
              "digest": {
                "sha256": "…"
              },
              "name": "tasks/evidence/….tar!bundle.json"
            }
          ],
          "failedTests": [],
          "passedTests": [
            "run-sample@direct"
          ],
          "result": "PASSED"
        },
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "subject": [
          {
            "digest": {
              "sha256": "…"
            },
            "name": "sample/kernel"
          },
          {
            "digest": {
              "sha256": "…"
            },
            "name": "sample/boot-manifest"
          },
          {
            "digest": {
              "sha256": "…"
            },
            "name": "sample/init"
          }
        ]
      }
      "
    `);
  });

  test("signed, it opens with the signer's key and no other", () => {
    const key = pair();
    const envelope = must(signStatement(statement, key.secret));
    expect(must(openEnvelope(envelope, key.open))).toBe(statement);
    const other = openEnvelope(envelope, pair().open);
    expect(other.ok ? "" : other.error[0]?.code).toBe("CAPOS_EVIDENCE_SIGNATURE");
  });

  test("changed after signing, it does not open", () => {
    const key = pair();
    const envelope = must(signStatement(statement, key.secret));
    const payload = Buffer.from(statement.replace("PASSED", "FAILED")).toString("base64");
    const forged = envelope.replace(/"payload": "[^"]*"/u, `"payload": "${payload}"`);
    const opened = openEnvelope(forged, key.open);
    expect(opened.ok ? "" : opened.error[0]?.code).toBe("CAPOS_EVIDENCE_SIGNATURE");
  });

  test("keys of another kind and no keys at all are refused", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export({
      type: "pkcs8",
      format: "pem",
    });
    for (const pem of [rsa.toString(), "not a key"]) {
      const signed = signStatement(statement, pem);
      expect(signed.ok ? "" : signed.error[0]?.code).toBe("CAPOS_EVIDENCE_KEY");
    }
    const opened = openEnvelope("{", pair().open);
    expect(opened.ok ? "" : opened.error[0]?.code).toBe("CAPOS_EVIDENCE_FORMAT");
  });
});
