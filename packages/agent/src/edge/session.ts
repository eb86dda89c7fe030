import { Client, type ChannelCredentials, type ChannelOptions, type ClientDuplexStream } from "@grpc/grpc-js";
import { type HostSettings, SextantError } from "@sextant/model";
import {
  AgentService,
  grpcDefinition,
  type LinkState,
  type SessionRequest,
  type SessionResponse,
} from "@sextant/proto";
import type { DesiredAck, DesiredDelta } from "../pipeline/install";
import type { AgentReport } from "../pipeline/observe";
import type { EntryState } from "../reconcile/held-entry";
import { backoffMs } from "./backoff";
import { deltaFromProto, settingsFromProto } from "./delta-from-proto";
import { Outbox } from "./outbox";
import { type HelloFacts, helloToProto } from "./request-to-proto";

/** The agent as the session needs it. */
export interface SessionAgent {
  /** What to say first; asked for at each dial. */
  hello(): HelloFacts;
  /** A controller of an acceptable term answered: remember the term, use the settings. */
  welcome(term: bigint, settings: HostSettings): void;
  /** Installs a delta and says what became of it. The next message is read only after that. */
  install(delta: DesiredDelta): Promise<DesiredAck>;
  /** These directions of links are broken, and no others, as far as the controller knows. */
  linksDown(links: readonly bigint[]): void;
  /** An established session has ended. */
  sessionLost(): void;
}

export interface SessionLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface SessionOptions {
  readonly target: string;
  readonly credentials: () => ChannelCredentials;
  readonly channelOptions: ChannelOptions;
  readonly agent: SessionAgent;
  readonly log: SessionLog;
  /** In [0, 1). */
  readonly random: () => number;
  /** How long to wait for the welcome; 10 s unless given. */
  readonly welcomeTimeoutMs?: number;
}

type Call = ClientDuplexStream<SessionRequest, SessionResponse>;

interface Dialled {
  readonly client: Client;
  readonly call: Call;
  readonly attempt: number;
}

/** Where the session is. Only `greeting` and `established` have a stream. */
export type SessionState =
  | { readonly kind: "idle" }
  | ({ readonly kind: "greeting"; readonly timer: NodeJS.Timeout } & Dialled)
  | ({
      readonly kind: "established";
      readonly term: bigint;
      readonly outbox: Outbox;
      readonly version: bigint;
      /** Of the newest link state. */
      readonly linkStateVersion: bigint;
    } & Dialled)
  | { readonly kind: "backing_off"; readonly attempt: number; readonly timer: NodeJS.Timeout }
  | { readonly kind: "stopped" };

/** Both directions of as many links as any topology has. */
const MAX_LINKS = 131_072;
const WELCOME_TIMEOUT_MS = 10_000;
const SESSION_METHOD = grpcDefinition(AgentService)["session"];

/**
 * The agent's side of the stream to a controller: hello, welcome, then deltas down and acknowledgements and reports up.
 * Whatever ends a stream, the session dials again after a jittered, bounded delay; the host's state does not depend on it.
 */
export class Session {
  #state: SessionState = { kind: "idle" };

  constructor(private readonly options: SessionOptions) {}

  get state(): SessionState {
    return this.#state;
  }

  /** Dials, and keeps dialling until `stop`. */
  start(): void {
    if (this.#state.kind === "idle") this.#dial(0);
  }

  /** Sends a report, replacing one that waits. Dropped without a session: the next one says it all. */
  report(report: AgentReport): void {
    if (this.#state.kind === "established") this.#state.outbox.report(report);
  }

  /**
   * Says that entries have another status than the delta's acknowledgement or the hello said. Without a session the next
   * hello will say it.
   */
  statesChanged(entries: readonly EntryState[]): void {
    if (this.#state.kind !== "established" || entries.length === 0) return;
    this.#state.outbox.ack({ version: this.#state.version, entries });
  }

  /** Starts the session over, so that a new hello is said. Nothing when there is none. */
  redial(reason: string): void {
    if (this.#state.kind === "established") this.#lost(this.#state.call, reason);
  }

  /** Ends the stream and dials no more. */
  stop(): void {
    const state = this.#state;
    this.#state = { kind: "stopped" };
    this.#release(state);
  }

  #dial(attempt: number): void {
    const { target, channelOptions, log, agent } = this.options;
    try {
      const client = new Client(target, this.options.credentials(), channelOptions);
      const call = this.#open(client);
      const waitMs = this.options.welcomeTimeoutMs ?? WELCOME_TIMEOUT_MS;
      const timer = setTimeout(() => this.#lost(call, "no welcome in time"), waitMs);
      this.#state = { kind: "greeting", client, call, attempt, timer };
      call.on("data", (message: SessionResponse) => this.#received(call, message));
      call.on("error", (error: Error) => this.#lost(call, error.message));
      call.on("end", () => this.#lost(call, "the controller closed the session"));
      call.write(helloToProto(agent.hello()));
    } catch (thrown) {
      log.warn({ stage: "push", err: SextantError.from(thrown) }, "cannot dial the controller");
      this.#backOff(attempt);
    }
  }

  #open(client: Client): Call {
    if (SESSION_METHOD === undefined) throw new SextantError("internal", "the service has no method Session");
    const { path, requestSerialize, responseDeserialize } = SESSION_METHOD;
    return client.makeBidiStreamRequest(
      path,
      requestSerialize as (message: SessionRequest) => Buffer,
      responseDeserialize as (bytes: Buffer) => SessionResponse,
    );
  }

  #received(call: Call, { message }: SessionResponse): void {
    if (!this.#isCurrent(call)) return;
    switch (message.case) {
      case "welcome": {
        this.#welcomed(call, message.value.term, settingsFromProto(message.value.settings));
        return;
      }
      case "delta": {
        this.#delta(call, deltaFromProto(message.value));
        return;
      }
      case "linkState": {
        this.#linkState(call, message.value);
        return;
      }
      case undefined:
        this.options.log.info({ stage: "push" }, "ignored a message of a kind that this agent does not know");
    }
  }

  #welcomed(call: Call, term: bigint, settings: HostSettings): void {
    const state = this.#state;
    if (state.kind !== "greeting") {
      this.#lost(call, "a second welcome");
      return;
    }
    const highest = this.options.agent.hello().term;
    if (term < highest) {
      this.#lost(call, `refused term ${term}: ${highest} was seen, an older controller`);
      return;
    }
    clearTimeout(state.timer);
    const outbox = new Outbox((request, taken) => call.write(request, taken));
    const { client, attempt } = state;
    this.#state = { kind: "established", client, call, attempt, term, outbox, version: 0n, linkStateVersion: 0n };
    this.options.log.info({ stage: "push", term: String(term), target: this.options.target }, "session established");
    this.options.agent.welcome(term, settings);
  }

  /** Versions only grow: whatever comes late is out of date. */
  #linkState(call: Call, { version, down }: LinkState): void {
    const state = this.#state;
    if (state.kind !== "established") {
      this.#lost(call, "a link state before the welcome");
      return;
    }
    if (down.length > MAX_LINKS) {
      this.#lost(call, `a link state names ${down.length} links, more than ${MAX_LINKS}`);
      return;
    }
    if (version <= state.linkStateVersion) return;
    this.#state = { ...state, linkStateVersion: version };
    this.options.log.info({ stage: "observe", version: String(version), down: down.length }, "link state");
    this.options.agent.linksDown(down);
  }

  /** Reads no further until the delta is installed, so a fast controller waits in its own transport. */
  #delta(call: Call, delta: DesiredDelta): void {
    const state = this.#state;
    if (state.kind !== "established") {
      this.#lost(call, "a delta before the welcome");
      return;
    }
    call.pause();
    this.options.agent.install(delta).then(
      (ack) => {
        // An acknowledged delta shows that the controller works: the next loss starts from the shortest delay.
        const now = this.#state;
        if (now.kind === "established" && now.call === call) {
          this.#state = { ...now, attempt: 0, version: delta.version };
        }
        state.outbox.ack(ack);
        call.resume();
      },
      (thrown: unknown) => this.#lost(call, `delta ${delta.version} failed: ${SextantError.from(thrown).message}`),
    );
  }

  #lost(call: Call, reason: string): void {
    if (!this.#isCurrent(call)) return;
    const state = this.#state;
    if (state.kind === "established") this.options.agent.sessionLost();
    const attempt = "attempt" in state ? state.attempt : 0;
    this.options.log.warn({ stage: "push", reason, attempt }, "session lost");
    this.#release(state);
    this.#backOff(attempt);
  }

  #backOff(attempt: number): void {
    const timer = setTimeout(() => this.#dial(attempt + 1), backoffMs(attempt, this.options.random()));
    this.#state = { kind: "backing_off", attempt, timer };
  }

  #release(state: SessionState): void {
    switch (state.kind) {
      case "greeting":
      case "established":
        if (state.kind === "greeting") clearTimeout(state.timer);
        state.call.on("error", () => undefined); // The cancellation that follows is our own.
        state.call.cancel();
        state.client.close();
        return;
      case "backing_off":
        clearTimeout(state.timer);
        return;
      case "idle":
      case "stopped":
    }
  }

  #isCurrent(call: Call): boolean {
    const state = this.#state;
    return (state.kind === "greeting" || state.kind === "established") && state.call === call;
  }
}
