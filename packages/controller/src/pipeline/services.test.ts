import type { Issue } from "@sextant/model";
import { networkYaml } from "../../../../test/support/network";
import { createSnapshot } from "../topology/snapshot";
import { accept } from "./accept";
import { type Catalog, EMPTY_CATALOG } from "./catalog";
import { compute } from "./compute";
import { withdraw } from "./withdraw";

/*
 *        p ── q          firewalls behind p and s, scanners behind q and s;
 *      /        \        over p and q 2 ms a link, over s 5 ms
 *  h1-a          d-h2
 *      \__ s ___/
 */
const TOPOLOGY = networkYaml(`
h1: a
h2: d
a-p delayUs=2000
p-q delayUs=2000
q-d delayUs=2000
a-s delayUs=5000
s-d delayUs=5000
`);
const service = (name: string, instances: string) =>
  `---\napiVersion: sextant.dev/v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {type: x, instances: [${instances}]}\n`;
const FIREWALL = service("firewall", "{name: fw-p, node: p}, {name: fw-s, node: s}");
const SCANNER = service("scanner", "{name: sc-q, node: q}, {name: sc-s, node: s}");
const intent = (via: string) => `---
apiVersion: sextant.dev/v1
kind: Intent
metadata: {name: chain}
spec: {from: {hosts: [h1]}, to: {hosts: [h2]}, objective: {minimize: delay}, constraints: {via: [${via}]}}
`;

function apply(content: string, catalog: Catalog = EMPTY_CATALOG): Catalog {
  const result = accept([{ name: "f.yaml", content }], catalog);
  if ("issues" in result) throw new Error(JSON.stringify(result.issues));
  return result.catalog;
}

function pathOf({ intents, topology }: Catalog): string | undefined {
  const [entry] = intents.values();
  if (entry === undefined || topology === undefined) throw new Error("the test's own documents are broken");
  const [policy] = compute(entry.value, createSnapshot(topology.value, 1)).policies;
  return policy?.candidates[0]?.nodes.join(" ") ?? policy?.noPath?.message;
}

test.each([
  ["the nearest instance", "{service: firewall}", "h1 a p q d h2"],
  ["the best chain", "{service: firewall}, {service: scanner}", "h1 a p q d h2"],
  ["the best chain in the order given", "{service: scanner}, {service: firewall}", "h1 a s d h2"],
  ["a node and a service", "{node: s}, {service: firewall}", "h1 a s d h2"],
])("%s", (_name, via, nodes) => {
  expect(pathOf(apply(TOPOLOGY + intent(via) + FIREWALL + SCANNER))).toBe(nodes);
});

test("an instance that is down is not used, and its intents are made anew", () => {
  const before = apply(TOPOLOGY + FIREWALL + SCANNER + intent("{service: firewall}"));
  const after = apply(service("firewall", "{name: fw-p, node: p, state: down}, {name: fw-s, node: s}"), before);
  expect(after.intents.get("chain")?.value).not.toBe(before.intents.get("chain")?.value);
  expect([pathOf(before), pathOf(after)]).toEqual(["h1 a p q d h2", "h1 a s d h2"]);
  const gone = apply(service("firewall", "{name: fw-p, node: p, state: down}"), before);
  expect(pathOf(gone)).toBe("service firewall has no instance that is up; without via service firewall: 6 ms, 5 hops");
});

test("a change of a service leaves the intents that do not use it the same objects", () => {
  const before = apply(TOPOLOGY + FIREWALL + SCANNER + intent("{service: firewall}"));
  const after = apply(service("scanner", "{name: sc-q, node: q}"), before);
  expect(after.intents.get("chain")).toBe(before.intents.get("chain"));
});

test("a service that intents go via cannot be deleted", () => {
  const catalog = apply(TOPOLOGY + FIREWALL + SCANNER + intent("{service: firewall}"));
  expect(withdraw([{ kind: "Service", name: "firewall" }], catalog)).toMatchObject({
    refused: expect.any(String) as string,
  });
  const both = [
    { kind: "Service", name: "firewall" },
    { kind: "Intent", name: "chain" },
  ] as const;
  expect(withdraw(both, catalog)).toMatchObject({ deleted: both });
  expect(withdraw([{ kind: "Service", name: "scanner" }], catalog)).toMatchObject({ notFound: [] });
});

test.each([
  ["an unknown service", intent("{service: firewal}"), "unknown_reference spec.constraints.via[0].service"],
  ["a service behind hosts only", intent("{service: hosted}"), "conflict spec.constraints.via[0].service"],
  ["both a node and a service", intent("{service: firewall, node: p}"), "invalid_value spec.constraints.via[0]"],
  ["an instance twice", service("twice", "{name: i, node: p}, {name: i, node: q}"), "duplicate spec.instances[1].name"],
  ["an unknown node", service("lost", "{name: i, node: z}"), "unknown_reference spec.instances[0].node"],
])("%s is refused", (_name, text, expected) => {
  const content = TOPOLOGY + FIREWALL + service("hosted", "{name: i, node: h1}") + text;
  const result = accept([{ name: "f.yaml", content }], EMPTY_CATALOG);
  const issues: readonly Issue[] = "issues" in result ? result.issues : [];
  expect(issues.map(({ code, path }) => `${code} ${path}`)).toEqual([expected]);
});
