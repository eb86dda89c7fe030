import type { DesiredProbing, DesiredState, EntryKey, SextantError } from "@sextant/model";
import { type HostHealth, type HostReport, judge } from "../pipeline/judge";
import { type AckMessage, type DesiredDelta, type HeldEntry, SessionState } from "./session-state";

/** What an agent says first. */
export interface HelloMessage {
  readonly host: string;
  readonly agentVersion: string;
  readonly kernelRelease: string;
  readonly maxSegments: number;
  /** What its packet path can do. */
  readonly features: readonly string[];
  readonly term: bigint;
  readonly held: ReadonlyMap<string, HeldEntry>;
  /** The agent holds something that makes no sense here, so it is to be told everything. */
  readonly resync: boolean;
}

/** Named in the hello of agents that take entry `probing` and link states. */
export const LIVENESS_FEATURE = "probing";

/** The way to an agent; neither method may block or throw. */
export interface SessionPort {
  readonly peer: string;
  send(delta: DesiredDelta): void;
  /** Tells which directions of links are broken; `version` counts up within a session. Calls back when it is out, or never will be. */
  sendLinkState(version: number, down: readonly bigint[], onSent: () => void): void;
  /** Ends the stream, telling the agent why. */
  close(reason: SextantError): void;
}

/** Facts about the agent of a session. */
export interface AgentFacts extends Pick<HelloMessage, "agentVersion" | "kernelRelease" | "maxSegments" | "features"> {
  readonly peer: string;
  readonly sinceMs: number;
}

type Connection =
  | { readonly kind: "never" }
  | { readonly kind: "disconnected"; readonly sinceMs: number }
  | {
      readonly kind: "connected";
      readonly facts: AgentFacts;
      readonly state: SessionState;
      readonly port: SessionPort;
    };

/** Why an agent was turned away. */
export interface Refusal {
  readonly message: string;
  readonly atMs: number;
}

/** What a controller knows of one host from its agent. Everything but the connection outlives a session. */
export class Host {
  #connection: Connection = { kind: "never" };
  #health: HostHealth | undefined;
  #refusal: Refusal | undefined;
  #pushedAtMs = 0;
  #probing: DesiredProbing | undefined;
  /** Link states sent in this session. */
  #linkStates = 0;

  constructor(readonly name: string) {}

  get connection(): Connection {
    return this.#connection;
  }

  /** The last time its agent was turned away, if that was after its last session began. */
  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  /** Notes that an agent of this host was turned away. */
  refuse(message: string, atMs: number): void {
    this.#refusal = { message, atMs };
  }

  get health(): HostHealth | undefined {
    return this.#health;
  }

  /** How it was last told to probe; undefined when that was before this controller's time, or never. */
  get probing(): DesiredProbing | undefined {
    return this.#probing;
  }

  /** What the agent holds; undefined while it is not connected, because it may have lost it since. */
  get held(): ReadonlyMap<string, HeldEntry> | undefined {
    return this.#connection.kind === "connected" ? this.#connection.state.held : undefined;
  }

  /** Starts a session and returns the one it replaces. */
  connect(hello: HelloMessage, port: SessionPort, nowMs: number): SessionPort | undefined {
    const replaced = this.#connection.kind === "connected" ? this.#connection.port : undefined;
    this.#refusal = undefined;
    const { agentVersion, kernelRelease, maxSegments, features } = hello;
    this.#linkStates = 0;
    const facts = { agentVersion, kernelRelease, maxSegments, features, peer: port.peer, sinceMs: nowMs };
    this.#connection = { kind: "connected", facts, state: new SessionState(hello.held, hello.resync), port };
    return replaced;
  }

  /** Ends the session of `port`; nothing happens when another one has replaced it, and the answer is false. */
  disconnect(port: SessionPort, nowMs: number): boolean {
    if (!this.#isCurrent(port)) return false;
    this.#connection = { kind: "disconnected", sinceMs: nowMs };
    return true;
  }

  /** Sends the next delta when there is one to send and none is unacknowledged, without what `holdBack` names. Returns it. */
  push(desired: DesiredState, nowMs: number, holdBack?: (key: EntryKey) => boolean): DesiredDelta | undefined {
    if (this.#connection.kind !== "connected") return undefined;
    const delta = this.#connection.state.next(desired, holdBack);
    if (delta === undefined) return undefined;
    this.#pushedAtMs = nowMs;
    for (const { entry } of delta.upserts) if (entry.kind === "probing") this.#probing = entry;
    this.#connection.port.send(delta);
    return delta;
  }

  /** Tells a connected agent that understands it which directions of links are broken, all that concern it; calls back when that is out. */
  sendLinkState(down: readonly bigint[], onSent: () => void): void {
    if (this.#connection.kind !== "connected" || !this.#connection.facts.features.includes(LIVENESS_FEATURE)) {
      onSent();
      return;
    }
    this.#linkStates += 1;
    this.#connection.port.sendLinkState(this.#linkStates, down, onSent);
  }

  /**
   * For how long, in milliseconds, a connected host owes the answer to an entry of that revision; undefined when it has
   * answered, or is not connected and may never answer.
   */
  owesMs(key: EntryKey, revision: string | undefined, nowMs: number): number | undefined {
    if (this.#connection.kind !== "connected") return undefined;
    const { state } = this.#connection;
    if (state.hasAnswered(key, revision)) return undefined;
    return state.sentVersion === state.ackedVersion ? 0 : nowMs - this.#pushedAtMs;
  }

  /** Takes an ack in; returns what is wrong with it. */
  acknowledge(port: SessionPort, ack: AckMessage): string | undefined {
    if (this.#connection.kind !== "connected" || !this.#isCurrent(port)) return undefined;
    return this.#connection.state.acknowledge(ack);
  }

  /** Takes a report in. */
  report(port: SessionPort, report: HostReport, desired: DesiredState, nowMs: number): void {
    if (this.#isCurrent(port)) this.#health = judge(report, desired, this.#health, nowMs);
  }

  #isCurrent(port: SessionPort): boolean {
    return this.#connection.kind === "connected" && this.#connection.port === port;
  }
}
