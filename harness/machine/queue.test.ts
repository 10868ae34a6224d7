import { expect, test } from "vitest";
import type { BootInput } from "../contract/index.ts";
import { InputQueue } from "./queue.ts";

function at(wallMs: number): BootInput["at"] {
  return { wallMs, cpuMs: 0 };
}

function bytes(wallMs: number, count: number): BootInput {
  return { kind: "bytes", at: at(wallMs), bytes: new Uint8Array(count) };
}

async function walls(queue: InputQueue): Promise<number[]> {
  const read: number[] = [];
  for await (const input of queue) read.push(input.at.wallMs);
  return read;
}

test("what is pushed comes out in order, before and after the reader has come", async () => {
  const queue = new InputQueue({ hold: () => {} });
  queue.push(bytes(1, 1));
  const reading = walls(queue);
  await new Promise((resolve) => setTimeout(resolve, 5));
  queue.push(bytes(2, 1));
  queue.push(bytes(3, 1));
  await new Promise((resolve) => setTimeout(resolve, 5));
  queue.push(bytes(4, 1));
  queue.end();
  queue.push(bytes(5, 1));
  expect(await reading).toEqual([1, 2, 3, 4]);
});

test("unread ticks do not pile up, and none is moved past something else", async () => {
  const queue = new InputQueue({ hold: () => {} });
  queue.tick(at(1));
  queue.tick(at(2));
  queue.push(bytes(3, 1));
  queue.tick(at(4));
  queue.tick(at(5));
  queue.end();
  expect(await walls(queue)).toEqual([2, 3, 5]);
});

test("the console is held back while too much waits, and let go when the reader has caught up", async () => {
  const held: boolean[] = [];
  const queue = new InputQueue({ hold: (on) => held.push(on), limitBytes: 10 });
  queue.push(bytes(1, 8));
  expect(held).toEqual([]);
  queue.push(bytes(2, 8));
  queue.push(bytes(3, 8));
  expect(held).toEqual([true]);
  queue.end();
  await walls(queue);
  expect(held).toEqual([true, false]);
});

test("a reader that leaves lets the console go for good", async () => {
  const held: boolean[] = [];
  const queue = new InputQueue({ hold: (on) => held.push(on), limitBytes: 10 });
  queue.push(bytes(1, 1));
  for await (const _ of queue) {
    queue.push(bytes(2, 20));
    break;
  }
  for (let i = 0; i < 10; i++) queue.push(bytes(3, 20));
  expect(held).toEqual([true, false]);
  expect(await walls(queue)).toEqual([]);
});
