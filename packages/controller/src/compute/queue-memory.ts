/** What a queue writes, by node; keys are the owner's. Queues that are not used at the same time may have the same. */
export interface QueueMemory {
  readonly keys: Int32Array;
  readonly next: Int32Array;
  readonly previous: Int32Array;
}

/** Memory for so many nodes. */
export function queueMemory(nodes: number): QueueMemory {
  return { keys: new Int32Array(nodes), next: new Int32Array(nodes), previous: new Int32Array(nodes) };
}
