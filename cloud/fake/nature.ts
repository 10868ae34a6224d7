/** What a test may change of the service's nature. */
export interface Nature {
  /** How long an operation takes. */
  readonly operationMs: number;
  /** How long `wait` waits at most before it answers with what there is. */
  readonly waitMs: number;
  /** For how long a new resource is missing from lists. */
  readonly listLagMs: number;
  /** Zones without capacity. */
  readonly exhausted: readonly string[];
  /** Seconds of the run-time limit that pass in one real second. */
  readonly timeScale: number;
  readonly serialBytes: number;
  /** Most bytes that one reading of the serial port gives. */
  readonly serialPiece: number;
  readonly denied: readonly string[];
  /** Whether disks are really unpacked and copied; without it no machine can boot them. */
  readonly disks: boolean;
  /** Unix milliseconds by the service's clock. */
  readonly now: () => number;
  /** How long what was deleted is still shown, as being deleted. */
  readonly lingerMs: number;
  /** Whether an instance's disk stays behind it, whatever was asked for. */
  readonly keepsDisks: boolean;
  /** What an image becomes; `READY` unless a test says otherwise. */
  readonly imageStatus: string;
  /** Whether a machine that is started again goes on where its port was, instead of beginning anew. */
  readonly keepsSerial: boolean;
  /** Zones that lists cannot reach. */
  readonly unreachable: readonly string[];
  /** The error that an operation of a resource's kind ends with; whether it leaves the resource behind. */
  readonly operationError?: (
    kind: string,
    verb: string,
  ) => { readonly code: string; readonly leaves: boolean } | undefined;
}

export const usualNature: Nature = {
  operationMs: 20,
  waitMs: 2_000,
  listLagMs: 0,
  exhausted: [],
  timeScale: 1,
  serialBytes: 1 << 20,
  serialPiece: 1 << 20,
  denied: [],
  disks: true,
  now: Date.now,
  lingerMs: 0,
  keepsDisks: false,
  imageStatus: "READY",
  keepsSerial: false,
  unreachable: [],
};
