import {
  blocksOf,
  didYouMean,
  type FieldPath,
  formatPath,
  type Issue,
  type IssueCode,
  ipPrefixCovers,
  isIpv4,
  type ParsedDocument,
  type Service,
  type Topology,
  type TopologyNode,
} from "@sextant/model";
import { selectHosts } from "../topology/select-hosts";

/** An Intent document that satisfies its schema. */
export type IntentDocument = Extract<ParsedDocument, { kind: "Intent" }>;

type Report = (code: IssueCode, path: FieldPath, message: string) => void;

/** Every name that an intent may refer to. */
interface KnownNames {
  readonly nodes: ReadonlyMap<string, TopologyNode>;
  readonly hosts: readonly string[];
  readonly routers: readonly string[];
  readonly links: ReadonlySet<string>;
  readonly srlgs: ReadonlySet<string>;
  readonly affinities: ReadonlySet<string>;
}

/**
 * Stage validate: checks what an intent's schema cannot see, namely whether the names it uses exist in the topology and
 * whether it selects anything. Returns every problem with its position; empty when the intent is sound.
 */
export function validateIntent(
  document: IntentDocument,
  topology: Topology,
  services: ReadonlyMap<string, Service> = new Map<string, Service>(),
): Issue[] {
  const issues: Issue[] = [];
  const report: Report = (code, path, message) =>
    issues.push({ code, path: formatPath(["spec", ...path]), message, at: document.locate(["spec", ...path]) });
  const known = knownNames(topology);
  checkSelector("from", document, known, topology, report);
  checkSelector("to", document, known, topology, report);
  checkPrefixes(document, topology, report);
  checkNames(document, known, report);
  checkMode(document, topology, report);
  if (issues.length === 0) checkSomeoneToReach(document, topology, report);
  checkVia(document, known, report);
  checkViaServices(document, known, services, report);
  checkElements(document, known, report);
  checkAffinity(document, known, report);
  checkAlgorithm(document, topology, report);
  return issues;
}

/** Building the name sets costs as much as the topology is large, and thousands of intents are checked against one. */
const knownNamesOf = new WeakMap<Topology, KnownNames>();

function knownNames(topology: Topology): KnownNames {
  const kept = knownNamesOf.get(topology);
  if (kept !== undefined) return kept;
  const named = (kind: TopologyNode["kind"]) => topology.nodes.filter((node) => node.kind === kind).map((n) => n.name);
  const known: KnownNames = {
    nodes: new Map(topology.nodes.map((node) => [node.name, node])),
    hosts: named("host"),
    routers: named("router"),
    links: new Set(topology.links.map((link) => link.name)),
    srlgs: new Set(topology.links.flatMap((link) => link.srlgs)),
    affinities: new Set(topology.links.flatMap((link) => link.affinity)),
  };
  knownNamesOf.set(topology, known);
  return known;
}

function checkSelector(
  field: "from" | "to",
  { spec }: IntentDocument,
  known: KnownNames,
  topology: Topology,
  report: Report,
): void {
  const { hosts, labels } = spec[field];
  hosts.forEach((name, i) => {
    const node = known.nodes.get(name);
    if (node === undefined) {
      report("unknown_reference", [field, "hosts", i], `unknown host "${name}"${didYouMean(name, known.hosts)}`);
    } else if (node.kind !== "host") {
      report("invalid_value", [field, "hosts", i], `"${name}" is a router: name a host${behind(field)}`);
    }
  });
  const wanted = Object.entries(labels);
  if (wanted.length > 0 && selectHosts({ hosts: [], labels }, topology).length === 0) {
    const text = wanted.map(([key, value]) => `${key}=${value}`).join(", ");
    report("unknown_reference", [field, "labels"], `no host carries the labels ${text}`);
  }
}

function behind(field: "from" | "to"): string {
  return field === "to" ? ", or the prefix behind it under spec.to.prefixes" : "";
}

function checkPrefixes({ spec }: IntentDocument, topology: Topology, report: Report): void {
  spec.to.prefixes.forEach((prefix, i) => {
    const block = blocksOf(topology).find((each) => ipPrefixCovers(each, prefix));
    if (block !== undefined) {
      const message = `${prefix} lies in the locator block ${block}: segments cannot be steered`;
      report("conflict", ["to", "prefixes", i], message);
    }
  });
}

function checkNames({ spec }: IntentDocument, known: KnownNames, report: Report): void {
  const seen = new Set<string>();
  spec.to.names.forEach(({ name, at }, i) => {
    if (!known.nodes.has(at)) {
      const hint = didYouMean(at, known.nodes.keys());
      report("unknown_reference", ["to", "names", i, "at"], `unknown node "${at}"${hint}`);
    }
    if (seen.has(name)) report("duplicate", ["to", "names", i, "name"], `"${name}" is given twice: keep one`);
    if (known.nodes.get(name)?.kind === "host") {
      const message = `"${name}" is a host of the topology: name it under spec.to.hosts`;
      report("conflict", ["to", "names", i, "name"], message);
    }
    seen.add(name);
  });
}

/** What no state of the network could make possible. Which modes the ends can do is found when paths are encoded. */
function checkMode({ spec }: IntentDocument, topology: Topology, report: Report): void {
  if (spec.mode !== "insert") return;
  if (topology.signingKeyId !== undefined) {
    const message = `topology "${topology.name}" signs segment lists, and an inserted list cannot be signed: use auto, encap or usid`;
    report("conflict", ["mode"], message);
  }
  spec.to.prefixes.forEach((prefix, i) => {
    if (!isIpv4(prefix)) return;
    report(
      "conflict",
      ["to", "prefixes", i],
      `mode insert cannot steer IPv4 packets to ${prefix}: use auto, encap or usid`,
    );
  });
}

/** A host is never its own endpoint, so one host on both sides leaves nothing to do. */
function checkSomeoneToReach({ spec }: IntentDocument, topology: Topology, report: Report): void {
  if (spec.to.prefixes.length + spec.to.names.length > 0) return;
  const sources = selectHosts(spec.from, topology);
  const targets = selectHosts(spec.to, topology);
  if (sources.some((source) => targets.some((target) => target.name !== source.name))) return;
  report("conflict", ["to"], `selects only "${sources[0]?.name ?? ""}", which is also the source`);
}

function checkVia({ spec }: IntentDocument, known: KnownNames, report: Report): void {
  const { via, avoid } = spec.constraints;
  via.forEach(({ node: name }, i) => {
    if (name === undefined) return;
    const path = ["constraints", "via", i, "node"];
    const node = known.nodes.get(name);
    if (node === undefined) {
      report("unknown_reference", path, `unknown node "${name}"${didYouMean(name, known.routers)}`);
    } else if (node.kind === "host") {
      report("invalid_value", path, `"${name}" is a host: hosts carry no transit traffic, name a router`);
    } else if (avoid.nodes.includes(name)) {
      report("conflict", path, `"${name}" is also under constraints.avoid.nodes: remove one of the two`);
    }
    if (i > 0 && via[i - 1]?.node === name) report("duplicate", path, `"${name}" twice in a row: once is enough`);
  });
}

function checkViaServices(
  { spec }: IntentDocument,
  known: KnownNames,
  services: ReadonlyMap<string, Service>,
  report: Report,
): void {
  spec.constraints.via.forEach(({ service: name }, i) => {
    if (name === undefined) return;
    const path = ["constraints", "via", i, "service"];
    const service = services.get(name);
    if (service === undefined) {
      report("unknown_reference", path, `unknown service "${name}"${didYouMean(name, services.keys())}`);
    } else if (!service.instances.some(({ node }) => known.nodes.get(node)?.kind === "router")) {
      report("conflict", path, `no instance of "${name}" runs behind a router, and hosts carry no transit traffic`);
    }
  });
}

function checkElements({ spec: { constraints } }: IntentDocument, known: KnownNames, report: Report): void {
  const { avoid, include } = constraints;
  const kinds = { nodes: ["node", known.nodes], links: ["link", known.links], srlgs: ["SRLG", known.srlgs] } as const;
  for (const field of ["nodes", "links", "srlgs"] as const) {
    const [what, names] = kinds[field];
    for (const list of ["avoid", "include"] as const) {
      constraints[list][field].forEach((name, i) => {
        const path = ["constraints", list, field, i];
        if (!names.has(name)) {
          report("unknown_reference", path, `unknown ${what} "${name}"${didYouMean(name, names.keys())}`);
        } else if (list === "include" && avoid[field].includes(name)) {
          report("conflict", path, `"${name}" is also under constraints.avoid.${field}: remove one of the two`);
        }
      });
    }
  }
  include.nodes.forEach((name, i) => {
    if (known.nodes.get(name)?.kind !== "host") return;
    const message = `"${name}" is a host: hosts carry no transit traffic, name a router`;
    report("invalid_value", ["constraints", "include", "nodes", i], message);
  });
}

function checkAffinity({ spec }: IntentDocument, known: KnownNames, report: Report): void {
  const { affinity } = spec.constraints;
  for (const field of ["any", "all", "none"] as const) {
    affinity[field].forEach((name, i) => {
      const path = ["constraints", "affinity", field, i];
      if (!known.affinities.has(name)) {
        const message = `no link has the affinity "${name}"${didYouMean(name, known.affinities)}`;
        report("unknown_reference", path, message);
      } else if (field !== "none" && affinity.none.includes(name)) {
        report("conflict", path, `"${name}" is also under constraints.affinity.none: remove one of the two`);
      }
    });
  }
}

/** Whether single nodes take part is found when paths are computed: it can change with the topology. */
function checkAlgorithm({ spec }: IntentDocument, { algorithms }: Topology, report: Report): void {
  const { algorithm } = spec.constraints;
  const names = algorithms.map(({ name }) => name);
  if (algorithm === undefined || names.includes(algorithm)) return;
  const hint = names.length === 0 ? ": the topology defines none" : didYouMean(algorithm, names);
  report("unknown_reference", ["constraints", "algorithm"], `unknown algorithm "${algorithm}"${hint}`);
}
