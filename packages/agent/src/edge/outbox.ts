import type { SessionRequest } from "@sextant/proto";
import type { DesiredAck } from "../pipeline/install";
import type { AgentReport } from "../pipeline/observe";
import { ackToProto, reportToProto } from "./request-to-proto";

/** Writes one message and calls back when the transport has taken it. */
export type WriteMessage = (message: SessionRequest, taken: () => void) => void;

/**
 * What waits to be sent on one session: at most one acknowledgement and one report. While a message is on its way, a
 * newer report replaces the waiting one (a report is a whole picture), and acknowledgements merge by entry, so a
 * controller that does not read costs a constant.
 */
export class Outbox {
  #ack: DesiredAck | undefined;
  #report: AgentReport | undefined;
  #writing = false;

  constructor(private readonly write: WriteMessage) {}

  ack(ack: DesiredAck): void {
    const entries = new Map([...(this.#ack?.entries ?? []), ...ack.entries].map((state) => [state.key, state]));
    this.#ack = { version: ack.version, entries: [...entries.values()] };
    this.#next();
  }

  report(report: AgentReport): void {
    this.#report = report;
    this.#next();
  }

  #next(): void {
    if (this.#writing) return;
    const message = this.#take();
    if (message === undefined) return;
    this.#writing = true;
    this.write(message, () => {
      this.#writing = false;
      this.#next();
    });
  }

  /** Acknowledgements first: the controller waits for them. */
  #take(): SessionRequest | undefined {
    if (this.#ack !== undefined) {
      const ack = this.#ack;
      this.#ack = undefined;
      return ackToProto(ack);
    }
    const report = this.#report;
    this.#report = undefined;
    return report === undefined ? undefined : reportToProto(report);
  }
}
