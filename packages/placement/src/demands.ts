/** Traffic to be carried; demand i goes from node `from[i]` to node `to[i]`. */
export interface DemandSet {
  /** Unique names, for reports. */
  readonly names: readonly string[];
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly mbps: Float64Array;
}

/** One demand as an importer read it; nodes by index. */
export interface Demand {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** 0 or more. */
  readonly mbps: number;
}

export function buildDemands(demands: readonly Demand[]): DemandSet {
  return {
    names: demands.map(({ name }) => name),
    from: Int32Array.from(demands, ({ from }) => from),
    to: Int32Array.from(demands, ({ to }) => to),
    mbps: Float64Array.from(demands, ({ mbps }) => mbps),
  };
}
