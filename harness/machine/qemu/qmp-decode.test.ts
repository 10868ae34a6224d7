import * as fc from "fast-check";
import { expect, test } from "vitest";
import { QmpDecoder, type QmpMessage, parseMessage } from "./qmp-decode.ts";

test.each<readonly [string, QmpMessage | undefined]>([
  [
    '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian 1:7.2"}}}',
    { kind: "greeting", version: "7.2.22 (Debian 1:7.2)" },
  ],
  ['{"QMP": {}}', { kind: "greeting", version: "unknown" }],
  ['{"return": [1], "id": 3}', { kind: "return", id: 3, value: [1] }],
  [
    '{"error": {"class": "GenericError", "desc": "no"}, "id": 4}',
    { kind: "error", id: 4, description: "no" },
  ],
  ['{"event": "STOP", "timestamp": {}}', { kind: "event", event: "STOP", data: {} }],
  ['{"return": {}}', undefined],
  ['{"event": 1}', undefined],
  ["[]", undefined],
  ["7", undefined],
  ["{", undefined],
])("%s", (line, message) => {
  expect(parseMessage(line)).toEqual(message);
});

test("anything at all is a message or nothing", () => {
  fc.assert(fc.property(fc.json(), (text) => void parseMessage(text)));
  fc.assert(fc.property(fc.string(), (text) => void parseMessage(text)));
});

test("messages do not depend on where the stream was cut", () => {
  const event = fc.record({ event: fc.string(), data: fc.dictionary(fc.string(), fc.jsonValue()) });
  fc.assert(
    fc.property(fc.array(event), fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (events, sizes) => {
      const bytes = Buffer.from(events.map((one) => `${JSON.stringify(one)}\r\n`).join(""));
      const decoder = new QmpDecoder();
      const messages: QmpMessage[] = [];
      for (let at = 0; at < bytes.length;) {
        const size = sizes.next().value ?? 1;
        messages.push(...decoder.add(bytes.subarray(at, at + size)));
        at += size;
      }
      expect(messages).toEqual(new QmpDecoder().add(bytes));
      expect(messages).toHaveLength(events.length);
    }),
  );
});
