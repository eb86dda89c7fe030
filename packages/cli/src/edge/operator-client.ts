import { create, type Message } from "@bufbuild/protobuf";
import { Client, type ServiceError, status } from "@grpc/grpc-js";
import type { Issue } from "@sextant/model";
import {
  ApplyRequestSchema,
  type ApplyResponse,
  ApplyResult_Action,
  DeleteRequestSchema,
  type DeleteResponse,
  GetRequestSchema,
  type GetResponse,
  grpcDefinition,
  ListEventsRequestSchema,
  type ListEventsResponse,
  OperatorService,
  type Resource as WireResource,
  WatchEventsRequestSchema,
  type WatchEventsResponse,
  WatchRequestSchema,
  type WatchResponse,
} from "@sextant/proto";
import type { ConnectionOptions } from "../connection-options";
import type { ControllerEvent, EventQuery } from "../controller-event";
import type { SourceFile } from "../read-sources";
import type { Resource } from "../resource";
import { callError } from "./call-error";
import { channelFor } from "./channel";
import { filterToProto, eventFromProto } from "./event-from-proto";

/** What applying did with one document. */
export interface AppliedDocument {
  readonly kind: string;
  readonly name: string;
  readonly action: "created" | "configured" | "unchanged";
}

/** Either every document was applied, or none and the issues say why. */
export interface ApplyOutcome {
  readonly applied: readonly AppliedDocument[];
  readonly issues: readonly Issue[];
}

const METHODS = grpcDefinition(OperatorService);
const ACTIONS = {
  [ApplyResult_Action.UNSPECIFIED]: "unchanged",
  [ApplyResult_Action.CREATED]: "created",
  [ApplyResult_Action.CONFIGURED]: "configured",
  [ApplyResult_Action.UNCHANGED]: "unchanged",
} as const;

/** An operator's connection to a controller. Every failure is a SextantError that says what to do. */
export class OperatorClient {
  readonly #client: Client;
  readonly #connection: ConnectionOptions;

  constructor(connection: ConnectionOptions) {
    const { target, credentials, options } = channelFor(connection);
    this.#connection = connection;
    this.#client = new Client(target, credentials, options);
  }

  /** Validates the files and, unless `dryRun`, stores every document in one step. */
  async apply(files: readonly SourceFile[], dryRun: boolean): Promise<ApplyOutcome> {
    const message = create(ApplyRequestSchema, { files: files.map((file) => ({ ...file })), dryRun });
    const { results, issues } = await this.#call<ApplyResponse>("apply", message);
    return {
      applied: results.map(({ kind, name, action }) => ({ kind, name, action: ACTIONS[action] })),
      issues: issues.map(({ code, path, message: text, file, line, column }) => {
        return { code: code as Issue["code"], path, message: text, at: { file, line, column } };
      }),
    };
  }

  /** Resources of a kind, all when no name is given. */
  async get(kind: string, names: readonly string[]): Promise<Resource[]> {
    const message = create(GetRequestSchema, { kind, names: [...names] });
    const { resources } = await this.#call<GetResponse>("get", message);
    return resources.map(toResource);
  }

  /** Calls back for each matching resource and then for each change, until the signal or the controller ends it. */
  watch(
    kind: string,
    names: readonly string[],
    onChange: (resource: Resource, deleted: boolean) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const message = create(WatchRequestSchema, { kind, names: [...names] });
    const onResponse = ({ resource, deleted }: WatchResponse) => {
      if (resource !== undefined) onChange(toResource(resource), deleted);
    };
    return this.#stream("watch", message, onResponse, signal);
  }

  /** The newest events that match, in order; `revision` is where a watch can go on. */
  async events(
    filter: EventQuery,
    limit: number,
  ): Promise<{ readonly events: ControllerEvent[]; readonly revision: number }> {
    const message = create(ListEventsRequestSchema, { filter: filterToProto(filter), limit });
    const { events, revision } = await this.#call<ListEventsResponse>("listEvents", message);
    return { events: events.map(eventFromProto), revision: Number(revision) };
  }

  /** Calls back for each event that matches, until the signal or the controller ends it. `skipped` before it were left out. */
  watchEvents(
    filter: EventQuery,
    onEvent: (event: ControllerEvent, skipped: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const message = create(WatchEventsRequestSchema, { filter: filterToProto(filter) });
    const onResponse = ({ event, skipped }: WatchEventsResponse) => {
      if (event !== undefined) onEvent(eventFromProto(event), skipped);
    };
    return this.#stream("watchEvents", message, onResponse, signal);
  }

  /** `onResponse` takes the response of that method, whatever its type. */
  #stream(name: string, message: Message, onResponse: (response: never) => void, signal: AbortSignal): Promise<void> {
    const { path, requestSerialize, responseDeserialize } = method(name);
    const stream = this.#client.makeServerStreamRequest<Message, Message>(
      path,
      requestSerialize,
      responseDeserialize as (bytes: Buffer) => Message,
      message,
    );
    signal.addEventListener("abort", () => stream.cancel(), { once: true });
    return new Promise((resolve, reject) => {
      stream.on("data", onResponse as (response: Message) => void);
      stream.on("end", resolve);
      stream.on("error", (error: ServiceError) => {
        if (error.code === status.CANCELLED && signal.aborted) resolve();
        else reject(callError(error, this.#connection.server));
      });
    });
  }

  /** Removes resources; names that were not there are told apart. */
  async delete(kind: string, names: readonly string[]): Promise<{ deleted: string[]; notFound: string[] }> {
    const message = create(DeleteRequestSchema, { kind, names: [...names] });
    const { deleted, notFound } = await this.#call<DeleteResponse>("delete", message);
    return { deleted, notFound };
  }

  /** Lets go of the connection. */
  close(): void {
    this.#client.close();
  }

  #call<Response extends Message>(name: string, message: Message): Promise<Response> {
    const { path, requestSerialize, responseDeserialize } = method(name);
    const deadline = Date.now() + this.#connection.timeout * 1_000;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest<Message, Response>(
        path,
        requestSerialize,
        responseDeserialize as (bytes: Buffer) => Response,
        message,
        { deadline },
        (error, response) => {
          if (error !== null) reject(callError(error, this.#connection.server));
          else if (response !== undefined) resolve(response);
        },
      );
    });
  }
}

function method(name: string) {
  const definition = METHODS[name];
  if (definition === undefined) throw new TypeError(`OperatorService has no method ${name}`);
  return definition;
}

function toResource({ kind, name, labels, generation, spec, status: observed }: WireResource): Resource {
  return { kind, name, labels, generation, spec: spec ?? {}, status: observed ?? {} };
}
