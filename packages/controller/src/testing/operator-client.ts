import { type ChannelCredentials, Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { create, type DescMessage, type DescMethod, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type ApplyResponse,
  ApplyRequestSchema,
  type DeleteResponse,
  DeleteRequestSchema,
  type GetResponse,
  GetRequestSchema,
  type EventFilterSchema,
  grpcDefinition,
  ListEventsRequestSchema,
  type ListEventsResponse,
  OperatorService,
  type Resource,
  type WatchEventsResponse,
  WatchEventsRequestSchema,
  type WatchResponse,
  WatchRequestSchema,
} from "@sextant/proto";

/** A status as JSON, loosely typed for assertions. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into free-form status
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into free-form status
export type Status = any;

const DEFINITION = grpcDefinition(OperatorService);

/** Speaks the operators' protocol; rejects with the ServiceError of the call. */
export class OperatorClient {
  readonly #client: Client;

  constructor(
    target: string,
    channelCredentials: ChannelCredentials = credentials.createInsecure(),
    options: Record<string, string> = {},
  ) {
    this.#client = new Client(target, channelCredentials, options);
  }

  /** Applies texts as the files f0.yaml, f1.yaml, ... */
  apply(texts: readonly string[], dryRun = false): Promise<ApplyResponse> {
    const files = texts.map((content, i) => ({ name: `f${i}.yaml`, content }));
    return this.#unary("apply", ApplyRequestSchema, { files, dryRun });
  }

  async get(kind: string, ...names: string[]): Promise<Resource[]> {
    const { resources } = await this.#unary<GetResponse, typeof GetRequestSchema>("get", GetRequestSchema, {
      kind,
      names,
    });
    return resources;
  }

  /** The status of one resource; undefined when it does not exist. */
  async status(kind: string, name: string): Promise<Status> {
    const [resource] = await this.get(kind, name);
    return resource?.status;
  }

  delete(kind: string, ...names: string[]): Promise<DeleteResponse> {
    return this.#unary("delete", DeleteRequestSchema, { kind, names });
  }

  /** The events that match. */
  events(filter: MessageInitShape<typeof EventFilterSchema> = {}, limit = 0): Promise<ListEventsResponse> {
    return this.#unary("listEvents", ListEventsRequestSchema, { filter, limit });
  }

  /** Everything a watch sends, collected; stop it with `cancel`. */
  watch(kind: string, ...names: string[]): Watching {
    return this.#watch("watch", create(WatchRequestSchema, { kind, names }));
  }

  /** The same of events. */
  watchEvents(filter: MessageInitShape<typeof EventFilterSchema> = {}): Watching<WatchEventsResponse> {
    return this.#watch("watchEvents", create(WatchEventsRequestSchema, { filter }));
  }

  #watch<Response>(name: DescMethod["localName"], request: Message): Watching<Response> {
    const method = DEFINITION[name];
    if (method === undefined) throw new Error(`no method ${name}`);
    const call = this.#client.makeServerStreamRequest(
      method.path,
      method.requestSerialize as (message: Message) => Buffer,
      method.responseDeserialize as (bytes: Buffer) => Response,
      request,
    );
    const watching: Watching<Response> = {
      received: [],
      error: undefined,
      cancel: () => call.cancel(),
      pause: () => call.pause(),
      resume: () => call.resume(),
    };
    call.on("data", (message: Response) => watching.received.push(message));
    call.on("error", (error: ServiceError) => {
      watching.error = error;
    });
    return watching;
  }

  close(): void {
    this.#client.close();
  }

  #unary<Response extends Message, Schema extends DescMessage>(
    name: DescMethod["localName"],
    schema: Schema,
    request: MessageInitShape<Schema>,
  ): Promise<Response> {
    const method = DEFINITION[name];
    if (method === undefined) throw new Error(`no method ${name}`);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize as (message: Message) => Buffer,
        method.responseDeserialize as (bytes: Buffer) => Response,
        create(schema, request),
        (error, response) => {
          if (error !== null) reject(error);
          else if (response === undefined) reject(new Error("no response"));
          else resolve(response);
        },
      );
    });
  }
}

export interface Watching<Response = WatchResponse> {
  readonly received: Response[];
  error: ServiceError | undefined;
  cancel(): void;
  pause(): void;
  resume(): void;
}
