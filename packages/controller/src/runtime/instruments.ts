import type { HostHealth } from "../pipeline/judge";
import type { Host } from "./host";

/** What a controller tells those who measure it. */
export interface Instruments {
  /** Intents were computed again. */
  computed(seconds: number): void;
  /** A difference of desired state was sent to a host. */
  pushed(host: string): void;
  /** A host has answered. */
  acknowledged(host: Host): void;
  reported(host: string, before: HostHealth | undefined, after: HostHealth): void;
  /** The host's session has ended: it will not answer for what it was sent. */
  disconnected(host: string): void;
  /** The host is no part of the topology any more. */
  forgotten(host: string): void;
}
