import { type LabStatus, type LinkStatus, type NodeStatus, type ProcessState } from "@sextant/lab";
import { Command } from "commander";
import { addOutputOption } from "../../output/output-option";
import { print, wantsColour } from "../../output/print";
import { type Cell, renderTable } from "../../output/table";
import { formatBytes, formatCount, formatLoss, formatMbps, formatMicroseconds } from "../../output/units";
import { addLabOptions, chosenLab, chosenName, type LabChoice } from "./choose-lab";

/** `sextant lab status`: nodes, links and counters, from the kernel. */
export function labStatusCommand(): Command {
  const command = new Command("status")
    .description("Nodes, links, what is broken, and what the kernel counted.")
    .addHelpText("after", "\nExample:\n  $ sextant lab status -o json | jq '.links[].state'");
  return addOutputOption(addLabOptions(command), ["table", "json"]).action(run);
}

async function run(options: LabChoice & { output: string }): Promise<void> {
  if (options.output === "table" && (await chosenName(options)) === undefined) {
    print(["no lab is up"]);
    return;
  }
  const status = await (await chosenLab(options)).status();
  if (options.output === "json") print(JSON.stringify(status, null, 2).split("\n"));
  else print(renderStatus(status, wantsColour()));
}

/** The whole status as text. */
function renderStatus(status: LabStatus, colour: boolean): string[] {
  return [
    `lab ${status.name}, up since ${status.createdAt}, from ${status.topologyFile}`,
    ...describeProcesses(status),
    "",
    ...renderTable(["NODE", "KIND", "NAMESPACE", "SID", "ADDRESSES", "AGENT"], status.nodes.map(nodeRow), colour),
    "",
    ...renderTable(
      ["LINK", "STATE", "DELAY", "LOSS", "RATE", "MTU", "A TO B", "B TO A"],
      status.links.map(linkRow),
      colour,
    ),
  ];
}

function describeProcesses({ igp, delays, controller }: LabStatus): string[] {
  const notes: Record<ProcessState, string> = {
    running: `follows carrier after ${igp.delayMs} ms`,
    dead: "dead: routes stay as they are; sextant lab down and up again",
    none: "none",
  };
  const delayLine: Record<ProcessState, string> = {
    running: "user-space delay line (this kernel has no netem)",
    dead: "delay line dead: its links have lost carrier; sextant lab down and up again",
    none: "netem",
  };
  return [
    `igp         ${notes[igp.state]}`,
    `delays      ${delays.backend === "netem" ? "netem" : delayLine[delays.delayLine]}`,
    `controller  ${controller}`,
  ];
}

function nodeRow({ name, kind, namespace, sid, addresses, agent }: NodeStatus): Cell[] {
  return [name, kind, namespace, sid, addresses.join(" "), kind === "host" ? processCell(agent) : ""];
}

function processCell(state: ProcessState): Cell {
  switch (state) {
    case "running":
      return { text: state, tone: "good" };
    case "dead":
      return { text: state, tone: "bad" };
    case "none":
      return { text: "-", tone: "faint" };
  }
}

function linkRow({ name, a, b, state, mtu, aToB, bToA, counters }: LinkStatus): Cell[] {
  const both = (show: (direction: typeof aToB) => string) => {
    const [there, back] = [show(aToB), show(bToA)];
    return there === back ? there : `${there} / ${back}`;
  };
  const traffic = ({ rxPackets, rxBytes }: { rxPackets: number; rxBytes: number }) =>
    `${formatCount(rxPackets)} pkt ${formatBytes(rxBytes)}`;
  return [
    name === `${a}-${b}` ? name : `${name} (${a}-${b})`,
    stateCell(state, a, b),
    both(({ delayUs }) => formatMicroseconds(delayUs)),
    both(({ lossPpm }) => formatLoss(lossPpm)),
    both(({ rateMbps }) => (rateMbps === undefined ? "-" : formatMbps(rateMbps))),
    String(mtu),
    traffic(counters.b),
    traffic(counters.a),
  ];
}

function stateCell(state: LinkStatus["state"], a: string, b: string): Cell {
  switch (state.kind) {
    case "up":
      return { text: "up", tone: "good" };
    case "down":
    case "no-carrier":
      return { text: state.kind, tone: "bad" };
    case "blackhole": {
      const [only, second] = state.directions;
      if (second !== undefined) return { text: "blackhole", tone: "bad" };
      return { text: `blackhole ${only === "aToB" ? `${a}-${b}` : `${b}-${a}`}`, tone: "bad" };
    }
  }
}
