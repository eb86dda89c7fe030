import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
  AgentService,
  grpcDefinition,
  type SessionRequest,
  type SessionResponse,
  SessionResponseSchema,
} from "@sextant/proto";
import { until } from "./until";

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

  welcome(term: bigint): void {
    this.send({ case: "welcome", value: { term, settings: { reportIntervalMs: 60_000 } } });
  }

  /** The n-th message of a kind, from 0, once it is there. */
  async message<C extends NonNullable<SessionRequest["message"]["case"]>>(
    kind: C,
    index = 0,
  ): Promise<Extract<SessionRequest["message"], { case: C }>["value"]> {
    const of = () => this.received.filter((each) => each.case === kind)[index];
    await until(`${kind} ${index}`, () => of() !== undefined);
    return of()?.value as Extract<SessionRequest["message"], { case: C }>["value"];
  }
}

/** A real gRPC server on loopback that does only what a test tells it to. */
export class ScriptedController {
  readonly streams: AgentStream[] = [];
  #server: Server | undefined;

  private constructor(public port: number) {}

  /** Listens on a port of its own, or on the one given. */
  static async start(port = 0): Promise<ScriptedController> {
    const controller = new ScriptedController(port);
    await controller.listen();
    return controller;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Opens the port, again after a `kill`. */
  async listen(): Promise<void> {
    const server = new Server();
    const session = (stream: Stream) => this.streams.push(new AgentStream(stream));
    const definition: ServiceDefinition = grpcDefinition(AgentService);
    server.addService(definition, { session } as unknown as UntypedServiceImplementation);
    this.port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(this.address, ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    this.#server = server;
  }

  /** The n-th stream that an agent opened, from 0, once it is there. */
  async stream(index = 0): Promise<AgentStream> {
    await until(`stream ${index}`, () => this.streams.length > index);
    return this.streams[index] as AgentStream;
  }

  /** Ends everything at once, as a crash would. */
  kill(): void {
    this.#server?.forceShutdown();
  }
}
