/** What is wrong with a frame, a packet or a datagram: the first thing that a reader found. */
export type Damage =
  | "cut-short"
  | "arp-form"
  | "ip-form"
  | "ip-checksum"
  /** Frames here hold whole datagrams; who takes one apart is not answered. */
  | "fragment"
  | "udp-length"
  | "udp-checksum";
