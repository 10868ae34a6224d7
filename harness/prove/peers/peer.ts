import type { Result } from "../../base/index.ts";
import type { Datagram } from "../../machine/index.ts";

/** A peer while its boot runs. */
export interface RunningPeer {
  /** Makes it ready before the machine is planned, and says what it needs of the network. */
  prepare?(): Promise<Result<Needs>>;
  /** The machine has been powered on. */
  started?(): void;
  /** A landmark has come. */
  landmark?(name: string): void;
  /** Whether the datagram was for it. */
  datagram?(datagram: Datagram): boolean;
  /** The machine is gone: settles when what it has sent before is read. */
  settled?(): Promise<void>;
  /** Gives everything back. Called once, however far the peer has come. */
  end(): Promise<void>;
}

export interface Needs {
  readonly forwards?: readonly number[];
  readonly services?: readonly { readonly guestPort: number; readonly hostPort: number }[];
  readonly datagrams?: boolean;
}
