import { BucketQueue } from "./bucket-queue";
import type { QueueMemory } from "./queue-memory";
import { RadixQueue } from "./radix-queue";

/** Nodes in order of their keys, for Dijkstra's algorithm with whole numbers: keys are the owner's, who changes them together with `push` and `lower`. */
export interface NodeQueue {
  /** Empties it; keys begin at 0 again. */
  clear(): void;
  /** Adds a node that is not there, with the key that it has. */
  push(node: number): void;
  /** A node that is there, and had `before`, has a smaller key. */
  lower(node: number, before: number): void;
  /** Takes out a node whose key nothing that is there can lower; -1 when there is none. */
  pop(): number;
}

/** Where the longest edge is more steps than this too many buckets would be empty. */
const MAX_STEPS = 4_096;

/** Edges in a search: which two nodes each joins, and what it costs. */
interface SearchedEdges {
  readonly near: (i: number) => number;
  readonly far: ArrayLike<number>;
  readonly cost: ArrayLike<number>;
}

/** The faster queue for such costs: buckets, where the largest cost of an edge is no more than some thousand times the smallest; hosts are ends of ways, where no search goes on. */
export function nodeQueue(memory: QueueMemory, isHost: Uint8Array, { near, far, cost }: SearchedEdges): NodeQueue {
  let least = Number.POSITIVE_INFINITY;
  let longest = 0;
  for (let i = 0; i < far.length; i++) {
    if (isHost[far[i] as number] === 1) continue;
    longest = Math.max(longest, cost[i] as number);
    if (isHost[near(i)] === 0) least = Math.min(least, cost[i] as number);
  }
  const step = Math.min(least, Math.max(1, longest));
  const isFit = step > 0 && longest <= MAX_STEPS * step;
  return isFit ? new BucketQueue(memory, step, longest) : new RadixQueue(memory);
}
