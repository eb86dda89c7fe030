import { Tally } from "./tally";

test("counts by label values; beyond its limit new ones are counted together", () => {
  const tally = new Tally<readonly [state: string, reason: string]>(2);
  tally.add("dead", "probes_missing");
  tally.add("alive", "none");
  for (const reason of ["x", "y", "z"]) tally.add("dead", reason);
  tally.add("alive", "none");
  expect([...tally.rows()]).toEqual([
    [["dead", "probes_missing"], 1],
    [["alive", "none"], 2],
    [["other", "other"], 3],
  ]);
});
