import { exposition, Registry } from "@sextant/metrics";
import { DEFAULT_HOST_SETTINGS, type ListKey } from "@sextant/model";
import type { HostReport, PathReport } from "../pipeline/judge";
import { Host } from "../runtime/host";
import type { Hosts } from "./fresh-health";
import { pathSources } from "./path-sources";

const NOW_MS = 1_800_000_000_000;

/** Hosts that have reported on so many paths each. */
function reported(hostCount: number, pathsEach: number, seen: Partial<PathReport> = {}): Hosts {
  const paths = Array.from(
    { length: pathsEach },
    (_, i): PathReport => ({
      list: `list/${i.toString(16).padStart(16, "0")}` as ListKey,
      state: "alive",
      stateAgeMs: 1_000,
      roundTripUs: 1_234,
      probesSent: 10,
      probesReturned: 9,
      lossPpm: 10_000,
      reason: "",
      withheld: false,
      deadReturns: 0,
      rareReturns: 0,
      probeIntervalUs: 0,
      traffic: { packets: 1n, bytes: 100n },
      ...seen,
    }),
  );
  const report: HostReport = { paths, policies: [], packetsByReason: new Map(), driftRepairs: 0, uplinks: [] };
  const desired = new Map(paths.map(({ list }) => [list, { revision: "", entry: {} as never }]));
  const hosts = Array.from({ length: hostCount }, (_, i) => {
    const host = new Host(`host-${i}`);
    const port = { peer: "", send: () => undefined, sendLinkState: () => undefined, close: () => undefined };
    const about = { host: host.name, agentVersion: "", kernelRelease: "", maxSegments: 10, features: [], term: 1n };
    host.connect({ ...about, held: new Map(), resync: false }, port, NOW_MS);
    host.report(port, report, desired, NOW_MS);
    return [host.name, host] as const;
  });
  return { hosts: new Map(hosts), settings: DEFAULT_HOST_SETTINGS, nowMs: NOW_MS };
}

async function textOf(hosts: Hosts): Promise<string> {
  let text = "";
  for await (const piece of exposition({ sources: () => pathSources(hosts), registry: new Registry() })) text += piece;
  return text;
}

test("a scrape of 10,000 paths tells all of them", async () => {
  const text = await textOf(reported(1_000, 10));
  expect(text.match(/^sextant_path_state\{.*state="alive"\} 1$/gm)).toHaveLength(10_000);
  expect(text.match(/^sextant_path_bytes_total\{/gm)).toHaveLength(10_000);
  expect(text).not.toMatch(/dropped_series\{.*\} [1-9]/);
});

test("paths beyond the limit of a family are counted as left out", async () => {
  const text = await textOf(reported(2_000, 10));
  expect(text.match(/^sextant_path_state\{/gm)).toHaveLength(50_000);
  expect(text).toContain('sextant_metrics_dropped_series{family="sextant_path_state"} 10000\n');
  expect(text).toContain('sextant_metrics_dropped_series{family="sextant_path_bytes_total"} 0\n');
});

test.each([
  ["both ways back work", { deadReturns: 0 }, 0],
  ["the first is dead", { deadReturns: 1 }, 1],
  ["the alternate is dead", { deadReturns: 2 }, 1],
  ["the path itself is dead", { state: "dead", deadReturns: 1 }, 0],
] as const)("%s", async (_name, seen, value) => {
  const text = await textOf(reported(1, 1, seen));
  expect(text).toContain(`sextant_path_return_dead{host="host-0",list="0000000000000000"} ${value}\n`);
});
