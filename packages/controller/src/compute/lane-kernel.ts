import { LANE_KERNEL } from "../gen/lane-kernel";

const PAGE_BYTES = 65_536;

type Settle = (nodes: number, inner: number, firsts: number, edges: number, lines: number, most: number) => number;

/** What assembly/lanes.ts exports. Numbers are places in its memory, in bytes, unless they count something; 0 stands for false. */
export interface LaneKernel {
  readonly settleTrees: Settle;
  readonly settleRows: Settle;
  readonly readTrees: (
    nodes: number,
    firsts: number,
    edges: number,
    lines: number,
    names: number,
    numbers: number,
    whole: number,
    unit: number,
    most: number,
  ) => number;
  readonly readRows: (
    nodes: number,
    firsts: number,
    edges: number,
    lines: number,
    names: number,
    bytes: number,
  ) => void;
}

/** Memory of a WebAssembly module. */
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): void;
}

/** What is used of it: no types that are installed declare it. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: Memory } },
  ) => {
    readonly exports: unknown;
  };
};

let instance: { readonly kernel: LaneKernel; readonly memory: Memory } | undefined;

/** The kernel of this thread, with memory of so many bytes at least: all searches have the same, and it never gets smaller. Its buffer is another one whenever it has grown. */
export function laneKernel(bytes: number): { readonly kernel: LaneKernel; readonly buffer: ArrayBuffer } {
  instance ??= instantiate();
  const { kernel, memory } = instance;
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  return { kernel, buffer: memory.buffer };
}

function instantiate() {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const bytes = Uint8Array.from(atob(LANE_KERNEL), (character) => character.charCodeAt(0));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return { kernel: exports as LaneKernel, memory };
}
