/** Something that is done to a running machine. A target that cannot do one says so when it is asked. */
export type MachineAction =
  /** Bytes into a serial port, as if typed there. */
  | { readonly type: "send"; readonly port: "console" | "terminal"; readonly bytes: Uint8Array }
  /** A non-maskable interrupt to every processor. */
  | { readonly type: "nmi" }
  /** The reset line. The emulator runs with `-no-reboot`, so the boot ends by it. */
  | { readonly type: "reset" }
  /** The cable of the network device. */
  | { readonly type: "link"; readonly up: boolean };
