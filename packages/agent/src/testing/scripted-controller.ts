import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerDuplexStream, type ServiceDefinition } from "@grpc/grpc-js";
import {
  type Ack,
  AgentService,
  type Hello,
  type Report,
  grpcDefinition,
  type SessionRequest,
  type SessionResponse,
  SessionResponseSchema,
} from "@sextant/proto";
import { eventually } from "../../../../test/support/eventually";

type Kind = NonNullable<SessionRequest["message"]["case"]>;
interface Messages {
  hello: Hello;
  ack: Ack;
  report: Report;
}
type MessageOf<C extends Kind> = Messages[C];
type Stream = ServerDuplexStream<SessionRequest, SessionResponse>;

/** One stream of an agent, as a controller sees it: what came, and means to answer. */
export class AgentStream {
  readonly received: SessionRequest["message"][] = [];
  ended = false;

  constructor(readonly stream: Stream) {
    stream.on("data", (request: SessionRequest) => this.received.push(request.message));
    stream.on("end", () => {
      this.ended = true;
      stream.end();
    });
    stream.on("cancelled", () => {
      this.ended = true;
    });
    stream.on("error", () => undefined);
  }

  send(message: MessageInitShape<typeof SessionResponseSchema>["message"] & object): void {
    this.stream.write(create(SessionResponseSchema, { message }));
  }

  /** Reports come every minute unless told otherwise: by themselves, then, only when something happens. */
  welcome(term: bigint, reportIntervalMs = 60_000): void {
    this.send({ case: "welcome", value: { term, settings: { reportIntervalMs } } });
  }

  /** Messages of a kind, in the order they came. */
  all<C extends Kind>(kind: C): MessageOf<C>[] {
    return this.received
      .filter((message) => message.case === kind)
      .map(({ value }) => value as unknown as MessageOf<C>);
  }

  /** The n-th message of a kind, from 0, once it is there. */
  message<C extends Kind>(kind: C, index = 0): Promise<MessageOf<C>> {
    return eventually(`${kind} ${index}`, () => this.all(kind)[index]);
  }
}

/** A real gRPC server on loopback that does only what a test tells it to. */
export class ScriptedController {
  readonly streams: AgentStream[] = [];
  #server: Server | undefined;

  private constructor(
    public address: string,
    private readonly credentials: ServerCredentials,
  ) {}

  /** Listens on a loopback port of its own, or on the address given, for example "unix:/run/x.sock". */
  static async start(
    address = "127.0.0.1:0",
    credentials = ServerCredentials.createInsecure(),
  ): Promise<ScriptedController> {
    const controller = new ScriptedController(address, credentials);
    await controller.listen();
    return controller;
  }

  /** Opens the address, again after a `kill`. */
  async listen(): Promise<void> {
    const server = new Server();
    const session = (stream: Stream) => this.streams.push(new AgentStream(stream));
    const definition: ServiceDefinition = grpcDefinition(AgentService);
    server.addService(definition, { session });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(this.address, this.credentials, (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    this.address = this.address.replace(/:0$/, `:${port}`);
    this.#server = server;
  }

  /** The n-th stream that an agent opened, from 0, once it is there. */
  stream(index = 0): Promise<AgentStream> {
    return eventually(`stream ${index}`, () => this.streams[index]);
  }

  /** Ends everything at once, as a crash would. */
  kill(): void {
    this.#server?.forceShutdown();
  }
}
