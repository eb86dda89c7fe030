import type { Command } from "commander";

/* eslint-disable @typescript-eslint/no-require-imports -- lazy on purpose: `sextant --help` must not load the whole product,
   and a dynamic import of a neighbour is no CommonJS. */

/** A subcommand by name, loaded when it is called. */
export interface CommandEntry {
  readonly name: string;
  /** What `sextant --help` says about it without loading it. */
  readonly summary: string;
  readonly load: () => Command;
}

/** Every subcommand, in the order of `sextant --help`. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "apply",
    summary: "declare topology, intents and services",
    load: () => (require("./commands/apply") as typeof import("./commands/apply")).applyCommand(),
  },
  {
    name: "get",
    summary: "list what is declared and how it fares",
    load: () => (require("./commands/get") as typeof import("./commands/get")).getCommand(),
  },
  {
    name: "describe",
    summary: "tell the story of one thing: asked, chosen, on the wire, alive",
    load: () => (require("./commands/describe") as typeof import("./commands/describe")).describeCommand(),
  },
  {
    name: "events",
    summary: "what happened lately: failures, changes over, sessions, documents",
    load: () => (require("./commands/events") as typeof import("./commands/events")).eventsCommand(),
  },
  {
    name: "delete",
    summary: "take back what was declared",
    load: () => (require("./commands/delete") as typeof import("./commands/delete")).deleteCommand(),
  },
  {
    name: "explain",
    summary: "why an intent has the path it has, or none",
    load: () => (require("./commands/explain") as typeof import("./commands/explain")).explainCommand(),
  },
  {
    name: "compute",
    summary: "paths and segment lists from files, without any daemon",
    load: () => (require("./commands/compute") as typeof import("./commands/compute")).computeCommand(),
  },
  {
    name: "simulate",
    summary: "what failures, drains and changes would do to intents",
    load: () => (require("./commands/simulate") as typeof import("./commands/simulate")).simulateCommand(),
  },
  {
    name: "place",
    summary: "segment lists that keep the fullest link as empty as possible",
    load: () => (require("./commands/place") as typeof import("./commands/place")).placeCommand(),
  },
  {
    name: "controller",
    summary: "run the controller",
    load: () => (require("./commands/controller") as typeof import("./commands/controller")).controllerCommand(),
  },
  {
    name: "agent",
    summary: "run the agent of this host",
    load: () => (require("./commands/agent") as typeof import("./commands/agent")).agentCommand(),
  },
  {
    name: "lab",
    summary: "real SRv6 networks in namespaces",
    load: () => (require("./commands/lab") as typeof import("./commands/lab")).labCommand(),
  },
  {
    name: "demo",
    summary: "the main job from end to end, proved on packets",
    load: () => (require("./commands/demo") as typeof import("./commands/demo")).demoCommand(),
  },
  {
    name: "version",
    summary: "versions of this program and what it runs on",
    load: () => (require("./commands/version") as typeof import("./commands/version")).versionCommand(),
  },
];
