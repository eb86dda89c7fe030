import type { DataPlane, KernelKey, ListObservation } from "../reconcile/data-plane";
import { KernelNames } from "../state/kernel-names";
import { checkProbing } from "./probing";

const [FAST, SLOW] = [1n, 2n];
const INTERVALS_US = new Map([
  [FAST, 1_000],
  [SLOW, 60_000_000],
]);

/** Lists of which so many more probes have left at each look. */
function plane(perLook: ReadonlyMap<KernelKey, bigint>): Pick<DataPlane, "observeLists" | "listDemands" | "config"> {
  let looks = 0n;
  const seen = (sent: bigint): ListObservation => ({
    ...{ sent, returned: sent, returnedCount: sent, roundTripNs: 1n },
    ...{ packets: 0n, bytes: 0n },
  });
  return {
    observeLists: () => {
      looks++;
      return new Map([...perLook].map(([key, more]) => [key, seen(more * looks)]));
    },
    listDemands: () => new Map(),
    config: () => undefined,
  };
}

const results = async (...perLook: [KernelKey, bigint][]) =>
  (await checkProbing(plane(new Map(perLook)), new KernelNames(undefined), (list) => INTERVALS_US.get(list) ?? 0)).map(
    ({ check, result }) => `${check} ${result}`,
  );

test.each<[string, [KernelKey, bigint][], string[]]>([
  ["no list", [], ["probes ok"]],
  ["a list that is probed", [[FAST, 1n]], ["probes ok"]],
  ["a list that is not", [[FAST, 0n]], ["probes fail"]],
  ["one of which no probe is due yet is not waited for", [[SLOW, 0n]], ["probes.slow ok"]],
  [
    "each by its own interval",
    [
      [FAST, 0n],
      [SLOW, 0n],
    ],
    ["probes fail", "probes.slow ok"],
  ],
])("%s", async (_, perLook, expected) => expect(await results(...perLook)).toEqual(expected));
