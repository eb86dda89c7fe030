import type { Topology } from "@sextant/model";
import { topologyFromText } from "../load-topology";

/**
 * A topology for tests from a few words: nodes as `name` (routers, numbered from 1) or `name@router,router` (hosts), links as
 * `a-b:metric` or `a-b:metric there/metric back`, with `=name` after it for parallel ones.
 */
export function testTopology(nodes: string, links: string): Topology {
  const nodeLines = nodes.split(/\s+/).map((text, index) => {
    const [name = "", routers] = text.split("@");
    const nodeId = index + 1;
    if (routers === undefined) return `{name: ${name}, nodeId: ${nodeId}}`;
    const attached = routers.split(",").map((router) => `"${router}"`);
    const address = `"2001:db8:${nodeId.toString(16)}::1"`;
    return `{name: ${name}, kind: host, nodeId: ${nodeId}, attachedTo: [${attached.join(", ")}], addresses: [${address}]}`;
  });
  const linkLines = links.split(/\s+/).map((text) => {
    const [, a = "", b = "", there = "", back = there, name] =
      /^([^-]+)-([^:]+):(\d+)(?:\/(\d+))?(?:=(.+))?$/.exec(text) ?? [];
    const named = name === undefined ? "" : `name: ${name}, `;
    return `{${named}a: ${a}, b: ${b}, igp: ${there}, bToA: {igp: ${back}}}`;
  });
  const list = (lines: readonly string[]) => lines.map((line) => `    - ${line}`).join("\n");
  return topologyFromText(
    "test.yaml",
    `apiVersion: sextant.dev/v1
kind: Topology
metadata: {name: test}
spec:
  locatorBlock: fcbb:bb00::/32
  nodes:
${list(nodeLines)}
  links:
${list(linkLines)}
`,
  );
}
