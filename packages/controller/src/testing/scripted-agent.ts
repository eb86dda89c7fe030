import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  credentials,
  type StatusObject,
} from "@grpc/grpc-js";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type AckSchema,
  AgentService,
  type Delta,
  EntryStatus,
  grpcDefinition,
  type HelloSchema,
  type LinkState,
  type ReportSchema,
  type SessionRequest,
  SessionRequestSchema,
  type SessionResponse,
  type Welcome,
} from "@sextant/proto";
import { eventually } from "../../../../test/support/eventually";

type Init<T extends Parameters<typeof create>[0]> = MessageInitShape<T>;

/**
 * The agent's end of a session, driven by a test: it speaks the true protocol and remembers what it holds as an agent does,
 * but installs nothing and answers only when told to.
 */
export class ScriptedAgent {
  readonly held = new Map<string, string>();
  readonly deltas: Delta[] = [];
  readonly linkStates: LinkState[] = [];
  /** Kinds of messages, in the order in which they came. */
  readonly received: string[] = [];
  /** Version of the last delta taken over. */
  taken = 0;
  welcome: Welcome | undefined;
  status: StatusObject | undefined;
  readonly #client: Client;
  readonly #call: ClientDuplexStream<SessionRequest, SessionResponse>;

  constructor(
    target: string,
    readonly host: string,
    channelCredentials: ChannelCredentials = credentials.createInsecure(),
    options: Record<string, string> = {},
  ) {
    const method = grpcDefinition(AgentService)["session"];
    if (method === undefined) throw new Error("no method session");
    this.#client = new Client(target, channelCredentials, options);
    this.#call = this.#client.makeBidiStreamRequest(
      method.path,
      method.requestSerialize as (message: SessionRequest) => Buffer,
      method.responseDeserialize as (bytes: Buffer) => SessionResponse,
    );
    this.#call.on("data", ({ message }: SessionResponse) => {
      this.received.push(message.case ?? "");
      if (message.case === "linkState") this.linkStates.push(message.value);
      if (message.case === "welcome") this.welcome = message.value;
      if (message.case === "delta") this.deltas.push(message.value);
    });
    this.#call.on("status", (status: StatusObject) => {
      this.status = status;
    });
    this.#call.on("error", () => undefined);
  }

  /** Says hello, with what the agent holds unless told otherwise. */
  hello(fields: Init<typeof HelloSchema> = {}): this {
    const held = [...this.held].map(([key, revision]) => ({ key, revision, status: EntryStatus.INSTALLED }));
    this.#send({ case: "hello", value: { host: this.host, agentVersion: "test", held, ...fields } });
    return this;
  }

  ack(fields: Init<typeof AckSchema>): void {
    this.#send({ case: "ack", value: fields });
  }

  report(fields: Init<typeof ReportSchema>): void {
    this.#send({ case: "report", value: fields });
  }

  /** Waits for the delta of that version, and takes it over into what the agent holds. */
  async delta(version: number): Promise<Delta> {
    const find = () => this.deltas.find((delta) => delta.version === BigInt(version));
    const delta = await eventually(`delta ${version}`, find);
    if (delta.full) this.held.clear();
    for (const { key, revision } of delta.upserts) this.held.set(key, revision);
    for (const key of delta.removals) this.held.delete(key);
    this.taken = version;
    return delta;
  }

  /** Waits for the delta, and says that all of it is installed. */
  async take(version: number): Promise<Delta> {
    const delta = await this.delta(version);
    this.ack({ version: delta.version });
    return delta;
  }

  welcomed(): Promise<Welcome> {
    return eventually("a welcome", () => this.welcome);
  }

  /** Waits for the end of the stream. */
  ended(): Promise<StatusObject> {
    return eventually("the end of the stream", () => this.status);
  }

  close(): void {
    this.#call.cancel();
    this.#client.close();
  }

  #send(message: Init<typeof SessionRequestSchema>["message"]): void {
    this.#call.write(create(SessionRequestSchema, { ...(message === undefined ? {} : { message }) }));
  }
}
