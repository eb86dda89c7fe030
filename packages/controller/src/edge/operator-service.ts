import type { sendUnaryData, ServerUnaryCall, ServerWritableStream, UntypedServiceImplementation } from "@grpc/grpc-js";
import { create } from "@bufbuild/protobuf";
import { DOCUMENT_KINDS, type Issue, SextantError } from "@sextant/model";
import {
  type ApplyRequest,
  type ApplyResponse,
  ApplyResponseSchema,
  ApplyResult_Action,
  type DeleteRequest,
  type DeleteResponse,
  DeleteResponseSchema,
  type GetRequest,
  type GetResponse,
  GetResponseSchema,
  type ListEventsRequest,
  type ListEventsResponse,
  ListEventsResponseSchema,
  type WatchEventsRequest,
  type WatchEventsResponse,
  type WatchRequest,
  type WatchResponse,
} from "@sextant/proto";
import type { AppliedDocument } from "../pipeline/accept";
import type { Controller } from "../runtime/controller";
import { eventsAbout } from "../runtime/event-selection";
import { parseResourceKind } from "../runtime/resource-view";
import { readResources, resourceNames } from "../runtime/read-resources";
import { eventToProto, filterFromProto } from "./event-to-proto";
import { EventWatcher } from "./event-watcher";
import { type AnyCall, peerOf, requireOperator } from "./peer";
import { resourceToProto } from "./resource-to-proto";
import { serviceError } from "./service-error";
import { Watcher } from "./watcher";

/** Most names that one request may list. */
const MAX_NAMES = 10_000;
/** Events in one answer, when the request does not say, and at most. */
const DEFAULT_EVENTS = 1_000;
const MAX_EVENTS = 10_000;

const ACTION = {
  created: ApplyResult_Action.CREATED,
  configured: ApplyResult_Action.CONFIGURED,
  unchanged: ApplyResult_Action.UNCHANGED,
} as const satisfies Record<AppliedDocument["action"], ApplyResult_Action>;

/** What operators may ask for at a time. */
export interface OperatorLimits {
  /** Open watches, of resources and of events. */
  readonly maxWatchers: number;
  /** Resources in one answer: building it keeps everything else waiting. */
  readonly maxResources: number;
}

/** The operators' service over a controller. */
export function operatorService(controller: Controller, limits: OperatorLimits): UntypedServiceImplementation {
  const { maxWatchers, maxResources } = limits;
  const watchers = new Set<Watcher | EventWatcher>();
  const open = (call: AnyCall & Emitter, make: (ended: () => void) => Watcher | EventWatcher) => {
    try {
      requireOperator(peerOf(call));
      if (watchers.size >= maxWatchers) {
        throw new SextantError("resource_exhausted", `${maxWatchers} watches are open: close one and try again`);
      }
      const watcher = make(() => watchers.delete(watcher));
      watchers.add(watcher);
      watcher.start();
    } catch (thrown) {
      call.emit("error", serviceError(thrown));
    }
  };
  return {
    apply: unary<ApplyRequest, ApplyResponse>((request) => apply(controller, request)),
    get: unary<GetRequest, GetResponse>((request) => Promise.resolve(get(controller, request, maxResources))),
    delete: unary<DeleteRequest, DeleteResponse>((request) => remove(controller, request)),
    listEvents: unary<ListEventsRequest, ListEventsResponse>((request) =>
      Promise.resolve(listEvents(controller, request)),
    ),
    watch: (call: ServerWritableStream<WatchRequest, WatchResponse>) => {
      open(call, (ended) => {
        const { kind, names } = call.request;
        requireNames(names);
        return new Watcher(controller, { kind: parseResourceKind(kind), names }, call, ended);
      });
    },
    watchEvents: (call: ServerWritableStream<WatchEventsRequest, WatchEventsResponse>) => {
      open(call, (ended) => new EventWatcher(controller, call, ended));
    },
  };
}

/** The part of a call that can be refused. */
interface Emitter {
  emit(event: "error", error: Error): boolean;
}

/** Authorises, runs, and turns failures into a status. */
function unary<Request, Response>(handle: (request: Request) => Promise<Response>) {
  return (call: ServerUnaryCall<Request, Response> & AnyCall, callback: sendUnaryData<Response>): void => {
    const run = async () => {
      requireOperator(peerOf(call));
      return handle(call.request);
    };
    run().then(
      (response) => callback(null, response),
      (thrown: unknown) => callback(serviceError(thrown)),
    );
  };
}

async function apply(controller: Controller, { files, dryRun }: ApplyRequest): Promise<ApplyResponse> {
  const result = await controller.apply(files, dryRun);
  if ("issues" in result) return create(ApplyResponseSchema, { issues: result.issues.map(issueToProto) });
  const results = result.applied.map(({ record: { kind, name, generation }, action }) => {
    return { kind, name, generation, action: ACTION[action] };
  });
  return create(ApplyResponseSchema, { results });
}

function issueToProto({ code, path, message, at: { file, line, column } }: Issue) {
  return { code, path, message, file, line, column };
}

function get(controller: Controller, { kind, names }: GetRequest, maxResources: number): GetResponse {
  requireNames(names);
  const query = { kind: parseResourceKind(kind), names };
  const count = resourceNames(controller, query).length;
  if (count > maxResources) {
    const message = `${count} resources, ${maxResources} fit one answer: ask by name, or watch`;
    throw new SextantError("resource_exhausted", message);
  }
  return create(GetResponseSchema, { resources: readResources(controller, query).map(resourceToProto) });
}

function listEvents({ events, plans }: Controller, { filter, limit }: ListEventsRequest): ListEventsResponse {
  if (limit > MAX_EVENTS) throw new SextantError("invalid_argument", `limit: ${limit}, at most ${MAX_EVENTS}`);
  const { subject, sinceMs, after } = filterFromProto(filter);
  const matches = eventsAbout(plans, subject);
  const found = events.read({ after, sinceMs, matches, limit: limit === 0 ? DEFAULT_EVENTS : limit });
  return create(ListEventsResponseSchema, { events: found.map(eventToProto), revision: BigInt(events.revision) });
}

async function remove(controller: Controller, { kind, names }: DeleteRequest): Promise<DeleteResponse> {
  requireNames(names);
  const known = DOCUMENT_KINDS.find((one) => one === parseResourceKind(kind));
  if (known === undefined) throw new SextantError("invalid_argument", `${kind} is observed, it cannot be deleted`);
  return create(DeleteResponseSchema, await controller.delete(known, names));
}

function requireNames(names: readonly string[]): void {
  if (names.length <= MAX_NAMES) return;
  throw new SextantError("invalid_argument", `${names.length} names: ask for at most ${MAX_NAMES} at a time`);
}
