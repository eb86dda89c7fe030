import loadHighs, { type Highs, type Model } from "highs";
import type { Carriage } from "../ecmp/carriage";
import type { Working } from "./problem";

/** The solver's module, loaded once: some 3.5 MB of WebAssembly. */
let solver: Promise<Highs> | undefined;

/** What the linear program says. */
export interface MasterSolution {
  /** Highest utilisation. */
  readonly mlu: number;
  /** Part of its demand that each column carries. */
  readonly parts: Float64Array;
  /** What another Mbit/s on each link costs; the sum over links of price times capacity is 1. */
  readonly price: Float64Array;
  /** What the demand of each row saves already, beyond the cheapest of its own columns. */
  readonly rowPrice: Float64Array;
}

/**
 * The linear program over the ways known so far: minimise the highest utilisation, where each demand is on the way it has now or, in
 * parts, on others (columns). A demand takes part from its first column on, so that most of them never cost a row.
 */
export class MasterProblem {
  readonly #rowOf = new Map<number, number>();
  /** Demand of each column, and the way that it stands for. */
  readonly columns: { readonly demand: number; readonly carriage: Carriage }[] = [];

  private constructor(
    readonly highs: Highs,
    readonly model: Model,
    readonly working: Working,
  ) {}

  /** Begins with the placement as it is now. Whoever makes one disposes of it. */
  static async create(working: Working): Promise<MasterProblem> {
    solver ??= loadHighs();
    const highs = await solver;
    const { capacityMbps } = working.ecmp.network;
    const links = capacityMbps.length;
    const model = highs.createModel();
    model.options.set({ output_flag: false, simplex_strategy: 4 });
    model.addVar(0, highs.infinity);
    model.changeColCost(0, 1);
    for (let link = 0; link < links; link++) {
      const utilisation = (working.loadMbps[link] as number) / (capacityMbps[link] as number);
      model.addRow(-highs.infinity, -utilisation, { indices: [0], values: [-1] });
    }
    return new MasterProblem(highs, model, working);
  }

  dispose(): void {
    this.model.dispose();
  }

  rowOf(demand: number): number | undefined {
    return this.#rowOf.get(demand);
  }

  /** Another way for a demand. */
  add(demand: number, carriage: Carriage): void {
    const { capacityMbps, linkNames } = this.working.ecmp.network;
    let row = this.#rowOf.get(demand);
    if (row === undefined) {
      row = linkNames.length + this.#rowOf.size;
      this.#rowOf.set(demand, row);
      this.model.addRow(-this.highs.infinity, 1, { indices: [], values: [] });
    }
    const mbps = this.working.demands.mbps[demand] as number;
    const change = differences(this.working.now[demand], carriage);
    const indices = [...change.keys()].sort((a, b) => a - b);
    const values = indices.map((link) => ((change.get(link) ?? 0) * mbps) / (capacityMbps[link] as number));
    this.model.addCol(0, 0, this.highs.infinity, { indices: [...indices, row], values: [...values, 1] });
    this.columns.push({ demand, carriage });
  }

  /** Undefined when the solver finds no optimum, which can only be for numerical reasons. */
  solve(): MasterSolution | undefined {
    this.model.run();
    if (this.model.getModelStatus() !== this.highs.constants.modelStatus.optimal) return undefined;
    const { colValue, rowDual } = this.model.getSolution();
    const { capacityMbps } = this.working.ecmp.network;
    const links = capacityMbps.length;
    return {
      mlu: colValue[0] as number,
      parts: colValue.slice(1),
      price: Float64Array.from(capacityMbps, (capacity, link) => Math.max(0, -(rowDual[link] as number)) / capacity),
      rowPrice: rowDual.slice(links).map((dual) => Math.max(0, -dual)),
    };
  }
}

/** What changes on each link, per unit of the demand, without what cancels out. */
function differences(from: Carriage | undefined, to: Carriage): Map<number, number> {
  const change = new Map<number, number>();
  to.links.forEach((link, i) => change.set(link, to.shares[i] as number));
  from?.links.forEach((link, i) => change.set(link, (change.get(link) ?? 0) - (from.shares[i] as number)));
  for (const [link, value] of change) if (Math.abs(value) < 1e-12) change.delete(link);
  return change;
}
