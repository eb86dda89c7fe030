import type { ServerWritableStream } from "@grpc/grpc-js";
import { create } from "@bufbuild/protobuf";
import { contentHash } from "@sextant/model";
import { type WatchRequest, type WatchResponse, WatchResponseSchema } from "@sextant/proto";
import { canonicalJson } from "../pipeline/canonical-json";
import type { Controller } from "../runtime/controller";
import { type ResourceQuery, readResources } from "../runtime/read-resources";
import type { ResourceView } from "../runtime/resource-view";
import { resourceToProto } from "./resource-to-proto";

/** Changes within this time of one another are shown as one. */
const MIN_INTERVAL_MS = 100;
/** And a round that took long is followed by a rest this many times as long, so that watching stays a small share of the work. */
const REST_FACTOR = 10;

/**
 * One open watch. It keeps what the reader was last sent, as a hash per resource, and compares with the present when the
 * reader has taken everything so far: a slow reader is sent the latest state, and never has more than one round queued.
 */
export class Watcher {
  readonly #sent = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #restMs = MIN_INTERVAL_MS;
  #draining = false;
  #changed = false;
  #stop: (() => void) | undefined;

  constructor(
    private readonly controller: Controller,
    private readonly query: ResourceQuery,
    private readonly call: ServerWritableStream<WatchRequest, WatchResponse>,
    private readonly ended: () => void,
  ) {}

  /** Sends what there is, then what changes. */
  start(): void {
    this.#stop = this.controller.onChange(() => {
      this.#changed = true;
      this.#schedule();
    });
    for (const event of ["cancelled", "close", "error"] as const) this.call.on(event, () => this.#end());
    this.call.on("drain", () => {
      this.#draining = false;
      this.#schedule();
    });
    this.#send();
  }

  #schedule(): void {
    if (this.#draining || this.#timer !== undefined || !this.#changed || this.#stop === undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#send();
    }, this.#restMs);
  }

  #send(): void {
    const start = performance.now();
    this.#changed = false;
    this.#sendChanges();
    this.#restMs = Math.max(MIN_INTERVAL_MS, REST_FACTOR * (performance.now() - start));
  }

  #sendChanges(): void {
    const current = new Map(readResources(this.controller, this.query).map((view) => [view.name, view]));
    for (const [name, view] of current) {
      const hash = contentHash(canonicalJson(view));
      if (this.#sent.get(name) === hash) continue;
      this.#sent.set(name, hash);
      this.#write(view, false);
    }
    for (const name of [...this.#sent.keys()].filter((known) => !current.has(known))) {
      this.#sent.delete(name);
      const { kind } = this.query;
      this.#write({ kind, name, labels: {}, generation: 0, spec: undefined, status: undefined }, true);
    }
  }

  #write(view: ResourceView, deleted: boolean): void {
    const taken = this.call.write(create(WatchResponseSchema, { resource: resourceToProto(view), deleted }));
    if (!taken) this.#draining = true;
  }

  #end(): void {
    if (this.#stop === undefined) return;
    this.#stop();
    this.#stop = undefined;
    clearTimeout(this.#timer);
    this.ended();
  }
}
