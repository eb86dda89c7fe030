import type { HostReport } from "../pipeline/judge";
import type { AckMessage } from "./session-state";

/** One agent's session, as the edge drives it. */
export interface Session {
  readonly host: string;
  /** Throws SextantError `invalid_argument` when it answers no delta of this session. */
  acknowledge(ack: AckMessage): void;
  report(report: HostReport): void;
  /** The stream is gone. */
  disconnect(): void;
}
