import { expect, test } from "vitest";
import { TraceReader, tracedEvents } from "./trace.ts";

/** As QEMU 7.2 writes it, of a guest that prints `A`, writes and flushes twice, prints `B`, and writes once more. */
const recorded = `bdrv_open_common bs 0x10 filename "d.raw" flags 0xa202 format_name "file"
bdrv_open_common bs 0x11 filename "d.log" flags 0xa202 format_name "file"
bdrv_open_common bs 0x12 filename "d.raw" flags 0x2002 format_name "blklogwrites"
bdrv_open_common bs 0x13 filename "json:{"log": {"driver": "file", "filename": "d.log"}, "log-sector-size": 512, "driver": "blklogwrites", "file": {"driver": "file", "filename": "d.raw"}}" flags 0x2002 format_name "raw"
serial_write write addr 0x03 val 0x80
serial_write write addr 0x00 val 0x01
serial_write write addr 0x03 val 0x03
serial_write write addr 0x04 val 0x10
serial_write write addr 0x00 val 0x58
serial_write write addr 0x04 val 0x03
serial_write write addr 0x00 val 0x41
virtqueue_pop vq 0x20 elem 0xa0 in_num 2 out_num 1
virtio_blk_req_complete vdev 0x30 req 0xa0 status 0
virtqueue_pop vq 0x20 elem 0xa1 in_num 1 out_num 2
virtio_blk_handle_write vdev 0x30 req 0xa1 sector 8 nsectors 8
blk_co_pwritev blk 0x40 bs 0x13 offset 4096 bytes 4096 flags 0x8
bdrv_co_pwritev_part bs 0x13 offset 4096 bytes 4096 flags 0x8
bdrv_co_pwritev_part bs 0x12 offset 4096 bytes 4096 flags 0x8
bdrv_co_pwritev_part bs 0x10 offset 4096 bytes 4096 flags 0x8
bdrv_co_pwritev_part bs 0x11 offset 512 bytes 4608 flags 0x0
virtio_blk_req_complete vdev 0x30 req 0xa1 status 0
virtqueue_pop vq 0x20 elem 0xa1 in_num 1 out_num 1
bdrv_co_pwritev_part bs 0x11 offset 5120 bytes 512 flags 0x0
bdrv_co_pwritev_part bs 0x11 offset 0 bytes 512 flags 0x0
virtio_blk_req_complete vdev 0x30 req 0xa1 status 0
virtqueue_pop vq 0x20 elem 0xa2 in_num 1 out_num 1
virtio_blk_req_complete vdev 0x30 req 0xa2 status 0
serial_write write addr 0x00 val 0x42
virtqueue_pop vq 0x20 elem 0xa3 in_num 1 out_num 2
virtio_blk_handle_write vdev 0x30 req 0xa3 sector 0 nsectors 1
blk_co_pwritev blk 0x40 bs 0x13 offset 0 bytes 512 flags 0x18
bdrv_co_pwritev_part bs 0x11 offset 5632 bytes 1024 flags 0x0
virtio_blk_req_complete vdev 0x30 req 0xa3 status 1`.split("\n");

function read(lines: readonly string[], late = false): string[] {
  const said: string[] = [];
  const reader = new TraceReader();
  const listener = {
    printed: (byte: number) => void said.push(`printed ${String.fromCharCode(byte)}`),
    wrote: ({ disk, request, sector, sectors, fua }: Record<string, unknown>) =>
      void said.push(`${disk} #${request} writes ${sectors} at ${sector}${fua === true ? " fua" : ""}`),
    flushing: ({ disk, request }: Record<string, unknown>) => void said.push(`${disk} #${request} flushes`),
    logged: ({ disk, offset }: Record<string, unknown>) => void said.push(`${disk} logged at ${offset}`),
    done: ({ disk, request, ok }: Record<string, unknown>) =>
      void said.push(`${disk} #${request} ${ok === true ? "done" : "failed"}`),
    diskOfLog: (file: string) => (file === "d.log" ? "d.raw" : undefined),
  };
  if (!late) reader.listen(listener);
  for (const line of lines) reader.line(line);
  if (late) reader.listen(listener);
  return said;
}

const story = [
  "printed A",
  "d.raw #2 writes 8 at 8",
  "d.raw logged at 512",
  "d.raw #2 done",
  "d.raw #3 flushes",
  "d.raw #3 done",
  "printed B",
  "d.raw #6 writes 1 at 0 fua",
  "d.raw logged at 5632",
  "d.raw #6 failed",
];

test("requests, flushes and console bytes come in their order; what a device answers by itself is no flush", () => {
  expect(read(recorded)).toEqual(story);
});

test("a listener that comes late hears all of it", () => {
  expect(read(recorded, true)).toEqual(story);
});

test("a flush of the emulator's own is not taken for one of the guest's", () => {
  const own = "bdrv_co_pwritev_part bs 0x11 offset 9728 bytes 512 flags 0x0";
  // Once with nothing under way, and once while a read is.
  const reading = [
    "virtqueue_pop vq 0x20 elem 0xa9 in_num 2 out_num 1",
    "virtio_blk_handle_read vdev 0x30 req 0xa9 sector 0 nsectors 8",
  ];
  expect(read([...recorded, own, ...reading, own])).toEqual(story);
});

test("every event that is asked for is told from other lines", () => {
  for (const event of tracedEvents) expect(TraceReader.isTrace(`${event} x 1`)).toBe(true);
  for (const line of ["Triple fault", "qemu: serial_write", "serial_writer x", ""]) {
    expect(TraceReader.isTrace(line)).toBe(false);
  }
});
