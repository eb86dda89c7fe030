import type { EntryKey, Revised } from "@sextant/model";
import { MemoryDataPlane } from "../../../../test/support/memory-data-plane";
import { fullEnvironment } from "../../../../test/support/memory-environment";
import type { DesiredDelta } from "../pipeline/install";
import type { Environment } from "../reconcile/environment";
import { Keeper } from "../keeper";
import { senderName } from "../reconcile/kernel-state";
import type { StoredText } from "../state/state-file";

/** A file in memory that can be full. */
export class MemoryFile {
  stored: StoredText = { kind: "absent" };
  full = false;
  writes = 0;

  read(): Promise<StoredText> {
    return Promise.resolve(this.stored);
  }

  write(text: string): Promise<void> {
    this.writes++;
    this.stored = this.full ? { kind: "absent" } : { kind: "intact", text };
    return this.full ? Promise.reject(new Error("disk full")) : Promise.resolve();
  }
}

/** A keeper over maps, file and network in memory; time moves on by a second with each tick. */
export class HeldHost {
  readonly keeper: Keeper;
  readonly log: string[] = [];
  environment: Environment = fullEnvironment();
  #nowMs = 0;
  #version = 0n;

  constructor(
    readonly plane = new MemoryDataPlane(),
    readonly file = new MemoryFile(),
  ) {
    const say = (_: object, message: string) => void this.log.push(message);
    this.keeper = new Keeper({
      host: "h1",
      defaults: { probeIntervalMs: 100, probeMultiplier: 3, reportIntervalMs: 1_000 },
      plane,
      machine: {
        refresh: () => Promise.resolve(),
        environment: () => this.environment,
        rememberedNames: [],
        restoreNames: () => undefined,
      },
      file,
      log: { info: say, warn: say, error: say },
      nowMs: () => this.#nowMs,
      newNonce: () => 1n,
    });
  }

  /** Installs a delta made of these entries and removals. */
  install(upserts: Iterable<Revised>, removals: readonly EntryKey[] = [], full = false) {
    const delta: DesiredDelta = { version: ++this.#version, upserts: [...upserts], removals, full, malformed: [] };
    return this.keeper.install(delta);
  }

  /** A tick, a second later. */
  tick() {
    this.#nowMs += 1_000;
    return this.keeper.tick();
  }

  /** Ticks until nothing waits for its removal. */
  async settle(): Promise<void> {
    do await this.tick();
    while (this.keeper.removalDueMs !== undefined);
  }

  /** Everything in the maps, in an order of its own. */
  kernel(): unknown {
    const { plane } = this;
    const sorted = <V>(map: Iterable<readonly [unknown, V]>) =>
      [...map].map(([key, value]) => [String(key), value] as const).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      config: plane.config(),
      lists: sorted(plane.lists()),
      policies: sorted(plane.policies()),
      destinations: sorted(plane.destinations()),
      sources: [...plane.domainSources()].sort(),
      senders: plane.senders().map(senderName).sort(),
    };
  }
}
