// The diamond of ../rig/diamond.ts. What a scraper of controller and agent sees of a silent failure and its end.
import { eventually } from "../../support/eventually";
import { diamondWithCalls } from "../rig/diamond";
import type { Rig } from "../rig/rig";

jest.setTimeout(90_000);

const BROKEN = { a: "south", b: "east" };

let rig: Rig;
beforeAll(async () => {
  rig = await diamondWithCalls({ metrics: true });
}, 60_000);
afterAll(() => rig.down());

/** The values of the series whose line begins like this. */
function values(text: string, start: string): number[] {
  const lines = text.split("\n").filter((line) => line.startsWith(start));
  return lines.map((line) => Number(line.slice(line.lastIndexOf(" ") + 1)));
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);

test("a path dies and comes back: its host and the controller tell the same", async () => {
  const before = await eventually("all paths of alice are alive at the controller", async () => {
    const text = await rig.scrape();
    return values(text, 'sextant_policy_candidates_alive{host="alice"').includes(2) && text;
  });
  expect(values(before, 'sextant_host_up{host="alice"}')).toEqual([1]);
  expect(values(before, 'sextant_policy_has_backup{host="alice"')).toEqual([1]);

  const changes = async () => sum(values(await rig.scrape("alice"), "sextant_agent_path_state_changes_total{"));
  const changesBefore = await changes();
  await rig.lab.linkBlackhole(BROKEN);
  for (const [place, host] of [["agent", "alice"], ["controller"]] as const) {
    const family = host === undefined ? "sextant_policy_active_candidate" : "sextant_agent_policy_active_candidate";
    const isOnBackup = async () => values(await rig.scrape(host), `${family}{host="alice"`).includes(1);
    await eventually(`packets take the backup, says the ${place}`, isOnBackup);
  }
  const during = await rig.scrape("alice");
  const dead = during.split("\n").filter((line) => /^sextant_agent_path_state\{.*state="dead"\} 1$/.test(line));
  expect(dead).toHaveLength(1);
  const transitions = 'sextant_agent_path_transitions_total{host="alice",state="dead",reason="probes_missing"}';
  expect(values(during, transitions)).toEqual([1]);
  expect(values(await rig.scrape(), 'sextant_policy_has_backup{host="alice"')).toEqual([0]);

  await rig.lab.linkRestore(BROKEN);
  await eventually("there is a backup again", async () =>
    values(await rig.scrape(), 'sextant_policy_has_backup{host="alice"').includes(1),
  );
  const after = await rig.scrape("alice");
  expect(await changes()).toBe(changesBefore + 2);
  expect(sum(values(after, "sextant_agent_path_probes_returned_total{"))).toBeGreaterThan(0);
  expect(values(after, "sextant_agent_session_established{")).toEqual([1]);
  expect(sum(values(after, "sextant_agent_path_round_trip_seconds{"))).toBeLessThan(1);
});
