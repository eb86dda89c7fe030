import { agentTrace, type LocalOptions, type TraceOptions } from "@sextant/agent";
import { CODE_POINTS } from "@sextant/model";
import { type Command, InvalidArgumentError } from "commander";
import { EXIT } from "../../exit-code";
import { addOutputOption } from "../../output/output-option";
import { print } from "../../output/print";
import { instanceCommand, jsonLines, type OutputOptions } from "./instance-command";
import { traceStory } from "./trace-story";

/** `sextant agent trace`. */
export function agentTraceCommand(): Command {
  const command = instanceCommand("trace")
    .description(
      "What the packet path would do with a packet and why: rule, candidate, list, and the header byte by byte.",
    )
    .requiredOption("--src <address>", "source; what is not an address of this host counts as forwarded")
    .requiredOption("--dst <address>", "destination")
    .requiredOption("--proto <protocol>", "tcp, udp, icmp, icmpv6, sctp, dccp, udplite or a number")
    .option("--sport <port>", "source port", wholeNumber)
    .option("--dport <port>", "destination port", wholeNumber)
    .option(
      "--dscp <code point>",
      "differentiated services code point: a number, or a name as documents take",
      codePoint,
    )
    .option("--size <bytes>", "IP bytes of the packet, header included (default: 100)", wholeNumber)
    .option("--pid <number>", "as if a socket of this process sent it: its cgroup, user and executable", wholeNumber)
    .option("--cgroup <path>", "cgroup v2 path of the socket, as intents name it: below the cgroup root")
    .option("--cgroup-root <path>", "as given to the agent")
    .option("--uid <number>", "user that owns the socket", wholeNumber)
    .option("--executable <path>", "file that the socket's creator runs")
    .addHelpText(
      "after",
      "\nExit status 3: the packet would not be steered.\n" +
        "\nExample:\n  $ sextant agent trace --instance desk-1 --src 2001:db8:a::1 --dst 2001:db8:b::1 \\\n" +
        "      --proto udp --dport 5004 --pid 4711",
    );
  return addOutputOption(command, ["table", "json"]).action(run);
}

async function run(options: LocalOptions & TraceOptions & OutputOptions): Promise<void> {
  const report = await agentTrace(options);
  print(options.output === "json" ? jsonLines(report) : traceStory(report));
  if (!report.steered) process.exitCode = EXIT.notSatisfied;
}

function codePoint(text: string): number {
  return CODE_POINTS[text] ?? wholeNumber(text);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
}
