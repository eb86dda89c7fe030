/** What the units of a flow may have in common. */
export interface FlowRules {
  /** Whether units keep off each other's nodes too. */
  readonly nodes: boolean;
  /**
   * False: nothing but what is exempt. True: anything, at a price above all costs: first as few links as can be, then as few
   * nodes (where `nodes` asks), each counted once for every unit beyond the first.
   */
  readonly sharing: boolean;
  /** Links that any number may cross. */
  readonly freeLinks: ReadonlySet<number>;
  /** Nodes that any number may pass. */
  readonly freeNodes: ReadonlySet<number>;
}
