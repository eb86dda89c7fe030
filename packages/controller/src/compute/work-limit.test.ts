import { intentOf } from "../../../../test/support/intent";
import { backupsGivenUp, searchGivenUp } from "./work-limit";

test.each<[Record<string, unknown>, string]>([
  [{ maxDelayMs: 20, minBandwidthMbps: 5 }, "a path with maxDelayMs 20 was"],
  [{ maxDelayMs: 20, maxHops: 7 }, "a path with maxDelayMs 20 and maxHops 7 was"],
  [
    { maxIgp: 9, include: { nodes: ["a", "b"], srlgs: ["s"] }, via: [{ node: "c" }] },
    "a path with maxIgp 9, 3 to include and 1 to go via was",
  ],
])("what made the search for a path long is named: %j", (constraints, expected) => {
  const { reason, message } = searchGivenUp(intentOf({ constraints }));
  expect(reason).toBe("WorkLimit");
  expect(message).toContain(expected);
});

test.each<[Record<string, unknown>, string]>([
  [{ protection: { backups: 1, disjoint: "srlg" } }, "the search for 1 srlg-disjoint backup was"],
  [
    { protection: { backups: 2, disjoint: "node" }, constraints: { maxHops: 7 } },
    "the search for 2 node-disjoint backups and maxHops 7 was",
  ],
])("what made the search for backups long is named: %j", (spec, expected) => {
  expect(backupsGivenUp(intentOf(spec)).message).toContain(expected);
});
