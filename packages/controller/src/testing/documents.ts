/** Four routers in a diamond, a host at either end: the fast way is over s, the cheap one over n. */
export const DIAMOND = `apiVersion: sextant.dev/v1
kind: Topology
metadata: {name: diamond}
spec:
  locatorBlock: 2001:db8::/32
  nodes:
    - {name: w, nodeId: 1}
    - {name: n, nodeId: 2}
    - {name: s, nodeId: 3}
    - {name: e, nodeId: 4}
    - {name: alice, kind: host, attachedTo: w, addresses: ["2001:db9:a::1"], labels: {site: left}}
    - {name: bob, kind: host, attachedTo: e, addresses: ["2001:db9:b::1"], prefixes: ["2001:db9:bb::/48"]}
  links:
    - {a: w, b: n, igp: 10, delayUs: 5000}
    - {a: n, b: e, igp: 10, delayUs: 5000}
    - {a: w, b: s, igp: 15, delayUs: 1000}
    - {a: s, b: e, igp: 15, delayUs: 1000}
`;

/** An intent from alice to bob; `spec` adds or replaces top-level fields, one per line. */
export function intentYaml(name: string, spec: readonly string[] = []): string {
  const fields = ["from: {hosts: [alice]}", "to: {hosts: [bob]}", "objective: {minimize: delay}"];
  const own = new Set(spec.map((line) => line.split(":")[0]));
  const lines = [...fields.filter((line) => !own.has(line.split(":")[0])), ...spec];
  const body = lines.map((line) => `  ${line}`).join("\n");
  return `apiVersion: sextant.dev/v1\nkind: Intent\nmetadata: {name: ${name}}\nspec:\n${body}\n`;
}
