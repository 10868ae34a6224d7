/** What is needed of a processor's registers to find out where it is. */
export interface Registers {
  readonly cpu: number;
  readonly rip: bigint;
  readonly rsp: bigint;
  readonly rbp: bigint;
  /** Where the page tables are; 0 while there are none. */
  readonly cr3: bigint;
  readonly cr4: bigint;
  /** 0 for a kernel, 3 for a program. */
  readonly privilege: number;
  /** It waits for an interrupt. */
  readonly halted: boolean;
}

/** Reads the emulator's `info registers -a`; what is not there is 0. */
export function parseRegisters(text: string): readonly Registers[] {
  return text
    .split(/^CPU#/mu)
    .slice(1)
    .map((part) => {
      const number = (name: string): bigint => {
        const value = new RegExp(String.raw`\b${name}=([0-9a-f]+)`, "u").exec(part)?.[1];
        return BigInt(`0x${value ?? "0"}`);
      };
      // In protected mode the registers have their old names.
      const either = (long: string, old: string): bigint =>
        part.includes(`${long}=`) ? number(long) : number(old);
      return {
        cpu: Number.parseInt(part, 10),
        rip: either("RIP", "EIP"),
        rsp: either("RSP", "ESP"),
        rbp: either("RBP", "EBP"),
        cr3: number("CR3"),
        cr4: number("CR4"),
        privilege: Number(number("CPL")),
        halted: number("HLT") === 1n,
      };
    });
}
