import * as fc from "fast-check";
import { expect, test } from "vitest";
import { directOptions } from "./direct.ts";

const identity = { nonce: "00112233445566778899aabbccddeeff", boot: 3 };
const told = "capos.nonce=00112233445566778899aabbccddeeff capos.boot=3";

test("a kernel that needs nothing is given nothing", () => {
  expect(directOptions({ path: "direct", kernel: "k" }, identity)).toEqual([["-kernel", "k"]]);
});

test("the identity ends the command line, and only where the kernel is to be told by it", () => {
  const system = { path: "direct", kernel: "k", commandLine: "console=ttyS0" } as const;
  const line = (of: Parameters<typeof directOptions>[0], who: typeof identity | undefined) =>
    directOptions(of, who).find(([option]) => option === "-append")?.[1];
  expect(line({ ...system, identity: "command-line" }, identity)).toBe(`console=ttyS0 ${told}`);
  expect(line({ path: "direct", kernel: "k", identity: "command-line" }, identity)).toBe(told);
  expect(line({ ...system, identity: "command-line" }, undefined)).toBe("console=ttyS0");
  expect(line(system, identity)).toBe("console=ttyS0");
});

test("multiboot modules stand in their order with their command lines, the initramfs behind them", () => {
  const modules = [
    { file: "linux", commandLine: "console=hvc0,115200 quiet" },
    { file: "policy", commandLine: "" },
  ];
  const options = directOptions({ path: "direct", kernel: "xen", modules, module: "initramfs" }, undefined);
  expect(options).toEqual([
    ["-kernel", "xen"],
    ["-initrd", "linux console=hvc0,,115200 quiet,policy,initramfs"],
  ]);
});

/** Takes the option apart as QEMU does: a comma ends a module, two stand for one, the first space ends the file. */
function modulesIn(option: string): readonly { file: string; commandLine: string }[] {
  const parts = option.match(/(?:[^,]|,,)+/gu) ?? [];
  return parts.map((part) => {
    const [, file = "", line = ""] = /^([^ ]*) ?(.*)$/su.exec(part.replaceAll(",,", ",")) ?? [];
    return { file, commandLine: line };
  });
}

test("no command line becomes another module", () => {
  const file = fc.stringMatching(/^[a-z0-9/]{1,12}$/u);
  const line = fc.stringMatching(/^[a-z=][ -~]{0,20}$/u);
  fc.assert(
    fc.property(fc.array(fc.record({ file, commandLine: line }), { minLength: 1 }), (modules) => {
      const options = directOptions({ path: "direct", kernel: "k", modules }, undefined);
      expect(modulesIn(options[1]?.[1] ?? "")).toEqual(modules);
    }),
  );
});
