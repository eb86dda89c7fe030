import { type NetworkFor, networksFor, type TopologySnapshot } from "@sextant/controller";
import type { Service } from "@sextant/model";
import { Command } from "commander";
import { addConnectionOptions, type ConnectionOptions } from "../connection-options";
import { intentOf, lackingIn, measuredIn, servicesOf, snapshotOf } from "../domain-of-resource";
import type { OperatorClient } from "../edge/operator-client";
import { KIND_HELP, type Kind, parseKind } from "../kinds";
import { listResources } from "../list-resources";
import { columnsOf } from "../output/columns";
import { renderStructured, toDocument } from "../output/document";
import { timelineLines } from "../output/events";
import { print, wantsColour } from "../output/print";
import { renderTable } from "../output/table";
import type { Resource } from "../resource";
import { pathStatusOf } from "../status";
import { hostStory } from "../story/host-story";
import { intentStory, type Teller } from "../story/intent-story";
import { pathStory } from "../story/path-story";
import { linkResources, nodeResources } from "../topology-resources";
import { withClient } from "../with-client";

/** Most events of one story; `sextant events --for` has the rest. */
const TIMELINE_EVENTS = 20;

/** `sextant describe`: the whole story of a few things. */
export function describeCommand(): Command {
  const command = new Command("describe")
    .description(
      "Tells the story of one thing: what was asked, what was chosen, what is on the wire, whether it is alive, what happened to it lately.",
    )
    .argument("<kind>", KIND_HELP)
    .argument("[names...]", "all of the kind when none is given")
    .addHelpText("after", "\nExample:\n  $ sextant describe intent video-calls\n  $ sextant describe host desk-1");
  return addConnectionOptions(command).action(run);
}

async function run(word: string, names: string[], options: ConnectionOptions): Promise<void> {
  const kind = parseKind(word);
  await withClient(options, async (client) => {
    const resources = await listResources(client, kind, names);
    const teller = await tellerFor(client, resources);
    const stories = await Promise.all(
      resources.map(async (resource) => [
        ...(await tell(client, kind, resource, teller)),
        ...(await lately(client, kind, resource.name, teller)),
      ]),
    );
    print(stories.flatMap((lines, i) => (i === 0 ? lines : ["", "", ...lines])));
  });
}

async function tellerFor(client: OperatorClient, described: readonly Resource[]): Promise<Teller> {
  const [topology] = await client.get("Topology", []);
  const snapshot = topology && snapshotOf(topology);
  const services = servicesOf(await client.get("Service", []));
  return {
    snapshot,
    networkFor: snapshot && (await networksOf(client, described, snapshot, services)),
    services,
    nowMs: Date.now(),
    colour: wantsColour(),
  };
}

/** What reservations leave to the intents that are described; others are only asked for where one of those reserves. */
async function networksOf(
  client: OperatorClient,
  described: readonly Resource[],
  snapshot: TopologySnapshot,
  services: ReadonlyMap<string, Service>,
): Promise<NetworkFor> {
  const read = (resources: readonly Resource[]) =>
    resources.flatMap((resource) => (resource.kind === "Intent" ? (intentOf(resource, services) ?? []) : []));
  const reserving = read(described).filter(({ reservation }) => reservation !== undefined);
  if (reserving.length === 0) return () => snapshot;
  const [all, hosts] = await Promise.all([client.get("Intent", []), client.get("Host", [])]);
  const circumstances = { lacking: lackingIn(hosts), measured: measuredIn(all) };
  return networksFor(new Set(reserving.map(({ name }) => name)), read(all), snapshot, circumstances);
}

async function tell(client: OperatorClient, kind: Kind, resource: Resource, teller: Teller): Promise<string[]> {
  switch (kind) {
    case "Intent":
      return intentStory(resource, teller);
    case "Path":
      return pathStory(resource, teller);
    case "Host": {
      const paths = await client.get("Path", []);
      return hostStory(
        resource,
        paths.filter((path) => pathStatusOf(path).host === resource.name),
        teller,
      );
    }
    case "Topology":
      return topologyStory(resource, teller);
    case "Service":
    case "Node":
    case "Link":
      return renderStructured(toDocument(resource), "yaml");
  }
}

/** The last events of what is described; nothing is told of nodes. */
async function lately(client: OperatorClient, kind: Kind, name: string, teller: Teller): Promise<string[]> {
  if (kind === "Node") return [];
  const { events } = await client.events({ about: { kind, name } }, TIMELINE_EVENTS);
  return ["", "Lately", ...timelineLines(events, teller.nowMs, teller.colour)];
}

function topologyStory(resource: Resource, { colour }: Teller): string[] {
  const table = (kind: Kind, parts: readonly Resource[]) => {
    const { header, row } = columnsOf(kind, true);
    return renderTable(header, parts.map(row), colour);
  };
  return [
    `Topology ${resource.name}, generation ${resource.generation}`,
    "",
    ...table("Node", nodeResources(resource)),
    "",
    ...table("Link", linkResources(resource)),
  ];
}
