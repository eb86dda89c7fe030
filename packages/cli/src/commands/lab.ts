import { Command } from "commander";
import { labDownCommand } from "./lab/down";
import { labExecCommand } from "./lab/exec";
import { labIgpCommand } from "./lab/igp";
import { labLinkCommand } from "./lab/link";
import { labStatusCommand } from "./lab/status";
import { labUpCommand } from "./lab/up";

/** `sextant lab`: one topology file, a running network. */
export function labCommand(): Command {
  return new Command("lab")
    .description(
      "Real SRv6 networks from a topology file: namespaces, kernel forwarding, an IGP, links that can be broken.",
    )
    .addCommand(labUpCommand())
    .addCommand(labDownCommand())
    .addCommand(labStatusCommand())
    .addCommand(labExecCommand())
    .addCommand(labLinkCommand())
    .addCommand(labIgpCommand())
    .addHelpText(
      "after",
      "\nExample:\n  $ sextant lab up -f examples/diamond/topology.yaml && sextant lab exec alice -- ping -c 3 2001:db8:b::1",
    );
}
