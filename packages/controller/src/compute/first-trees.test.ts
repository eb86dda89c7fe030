import type { Intent } from "@sextant/model";
import { generatedNetwork } from "../../../../test/bench/generated-network";
import { intentOf } from "../../../../test/support/intent";
import { createSnapshot } from "../topology/snapshot";
import { findPath } from "./find-path";
import { expectedOf, firstTrees } from "./first-trees";
import { queryTemplate } from "./intent-query";
import { heldTree } from "./tree-store";

const HOSTS = 12;
const OBJECTIVES = ["delay", "te"] as const;

/** A new one each time: nobody has asked for trees of it. */
function network() {
  return createSnapshot(generatedNetwork(100, HOSTS), 1);
}

const intents = Array.from({ length: 4 * HOSTS }, (_, i) =>
  intentOf(
    {
      from: { hosts: [`h${i % HOSTS}`] },
      to: { hosts: [`h${(i + 5) % HOSTS}`] },
      objective: { minimize: OBJECTIVES[i % OBJECTIVES.length] },
      // Leaves nearly all of the network: it is the same tree.
      constraints: i % 3 === 0 ? { avoid: { nodes: ["r1"] } } : {},
    },
    `intent-${i}`,
  ),
);

test("each intent stands by the tree that its search makes first", () => {
  for (const [at, intent] of intents.entries()) {
    const snapshot = network();
    const { flat } = snapshot;
    const found = firstTrees(intents, snapshot).flatMap(({ rules, byRoot }) =>
      [...byRoot].flatMap(([root, asked]) => (asked.includes(intent) ? { rules, root } : [])),
    );
    expect(found).toHaveLength(1);
    const [source = -1, target = -1] = [at, at + 5].map((host) => flat.nodeIndex.get(`h${host % HOSTS}`));
    findPath(flat, { ...queryTemplate(intent, snapshot), source, target });
    for (const { rules, root } of found) expect(heldTree(flat, root, rules)?.whole).toBeDefined();
  }
});

test("there is one entry per objective, with each router once", () => {
  const kinds = expectedOf(intents, network());
  expect(kinds).toHaveLength(OBJECTIVES.length);
  for (const { roots } of kinds) expect(new Set(roots).size).toBe(roots.length);
});

test("who begins at a host that nobody knows is left out, and who cannot be searched for", () => {
  const broken = { ...intentOf({ from: { hosts: ["h0"] } }), objective: undefined } as unknown as Intent;
  expect(firstTrees([intentOf({ from: { hosts: ["nobody"] } }), broken], network())).toEqual([]);
});
