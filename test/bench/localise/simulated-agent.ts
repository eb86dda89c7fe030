import type { Client, ClientDuplexStream } from "@grpc/grpc-js";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  AgentService,
  type Delta,
  grpcDefinition,
  type ListProbing,
  PathState,
  type SessionRequest,
  SessionRequestSchema,
  type SessionResponse,
} from "../../../packages/proto/src";

const METHOD = grpcDefinition(AgentService)["session"];
if (METHOD === undefined) throw new Error("the agents' service has no sessions");
const { path, requestSerialize, responseDeserialize } = METHOD;
/** One probe loop per list: it comes back over the same links, so a list is dead whichever direction broke. */
const FEATURES = ["insert", "encap", "ipv4", "probing"];

/** What an agent has found of a list. */
interface Found {
  readonly isDead: boolean;
  readonly sinceMs: number;
}
/** A list is new to the agent, and to the controller's clock older than any failure. */
const ALIVE_FOR_MS = 60_000;

/** What all agents of a process know of the network: what is broken, by the keys that the wire names links by. */
export interface Wiring {
  readonly broken: Set<bigint>;
}

/**
 * An agent without a host: it says, holds and answers what a real one does, over a stream of its own; its packets exist only as the list
 * that they would take.
 */
export class SimulatedAgent {
  readonly #stream: ClientDuplexStream<SessionRequest, SessionResponse>;
  #probing = new Map<string, ListProbing>();
  /** Lists of the only policy, in order of preference. */
  #candidates: readonly string[] = [];
  /** The lists that it holds. */
  readonly #found = new Map<string, Found>();
  #down = new Set<bigint>();
  /** Called when something came that may have changed the list in use. */
  onChange: () => void = () => undefined;
  deltas = 0;
  #isClosed = false;
  #owesReport = false;

  constructor(
    client: Client,
    readonly host: string,
    private readonly wiring: Wiring,
  ) {
    this.#stream = client.makeBidiStreamRequest<SessionRequest, SessionResponse>(
      path,
      requestSerialize as (message: SessionRequest) => Buffer,
      responseDeserialize as (bytes: Buffer) => SessionResponse,
    );
    this.#stream.on("data", ({ message }: SessionResponse) => {
      if (message.case === "delta") this.#install(message.value);
      if (message.case === "linkState") this.#down = new Set(message.value.down);
      if (message.case !== "welcome") this.onChange();
    });
    this.#stream.on("drain", () => {
      if (this.#owesReport) this.report();
    });
    this.#stream.on("error", (error: Error) => {
      if (!this.#isClosed) throw error;
    });
    const hello = { host, agentVersion: "simulated", kernelRelease: "none", maxSegments: 10, features: FEATURES };
    this.#say({ case: "hello", value: hello });
  }

  /** True when it has somewhere to send packets to. */
  get isReady(): boolean {
    return this.#candidates.length > 0 && this.#candidates.every((list) => this.#probing.has(list));
  }

  /** True when its packets would be lost: the first list that is not withheld crosses something broken. */
  get isOnBrokenLink(): boolean {
    const links = (list: string) => this.#probing.get(list)?.links ?? [];
    const usable = this.#candidates.filter(
      (list) => this.#found.get(list)?.isDead !== true && !links(list).some((link) => this.#down.has(link)),
    );
    return links(usable[0] ?? this.#candidates[0] ?? "").some((link) => this.wiring.broken.has(link));
  }

  /** The lists that it holds and whether they are dead, as it last reported or is about to. */
  get found(): ReadonlyMap<string, Found> {
    return this.#found;
  }

  /** Finds out which of its lists are dead and reports at once, as a host does whose probes are fast. */
  notice(): void {
    this.observe((list) => this.#probing.get(list)?.links.some((link) => this.wiring.broken.has(link)) === true);
  }

  /** Finds its lists as they are said to be, and reports at once. Gives the number of those that have changed. */
  observe(isDeadNow: (list: string) => boolean): number {
    let changed = 0;
    for (const [list, { isDead }] of this.#found) {
      if (isDead === isDeadNow(list)) continue;
      this.#found.set(list, { isDead: !isDead, sinceMs: Date.now() });
      changed += 1;
    }
    this.report();
    return changed;
  }

  /** While the controller does not read, one report is owed: what it says is found out when it is sent. */
  report(): void {
    this.#owesReport = this.#stream.writableNeedDrain;
    if (this.#owesReport) return;
    const paths = [...this.#found].map(([list, { isDead, sinceMs }]) => {
      const state = isDead ? PathState.DEAD : PathState.ALIVE;
      const stateAgeMs = BigInt(Date.now() - sinceMs);
      const reason = isDead ? "probes_missing" : "";
      return { list, state, stateAgeMs, reason, roundTripUs: 3_000, probesSent: 100n, probesReturned: 100n };
    });
    this.#say({ case: "report", value: { paths } });
  }

  /** Leaves without a word. */
  close(): void {
    this.#isClosed = true;
    this.#stream.cancel();
  }

  /** Who it is and what it has, for people. */
  toString(): string {
    const { host, deltas } = this;
    const down = [...this.#down].map(String);
    const lists = this.#candidates.map((list) => ({ list, links: this.#probing.get(list)?.links.map(String) }));
    return JSON.stringify({ host, deltas, down, lists, found: [...this.#found] });
  }

  #install({ version, upserts, removals, full }: Delta): void {
    this.deltas += 1;
    if (full) this.#found.clear();
    for (const { key, body } of upserts) {
      if (body.case === "segmentList") this.#found.set(key, { isDead: false, sinceMs: Date.now() - ALIVE_FOR_MS });
      if (body.case === "policy")
        this.#candidates = body.value.candidates.flatMap(({ lists }) => lists.map(({ list }) => list));
      if (body.case === "probing") this.#probing = new Map(body.value.lists.map((probing) => [probing.list, probing]));
    }
    for (const key of removals) this.#found.delete(key);
    this.#say({ case: "ack", value: { version } });
  }

  #say(message: NonNullable<MessageInitShape<typeof SessionRequestSchema>["message"]>): void {
    this.#stream.write(create(SessionRequestSchema, { message }));
  }
}
