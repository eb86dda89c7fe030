import { type Source, source } from "@sextant/metrics";
import type { EntryStatus } from "@sextant/model";
import type { Controller } from "../runtime/controller";
import type { Host } from "../runtime/host";
import { CONTROLLER_FAMILIES as FAMILIES } from "./families";
import { freshHealth } from "./fresh-health";

const STATUSES: readonly EntryStatus[] = ["installed", "waiting", "rejected"];

/** Hosts: their agents, and what those count. */
export function hostSources(controller: Controller): Source[] {
  return [
    source(FAMILIES.hostUp, function* () {
      for (const { name, kind } of controller.plans.snapshot?.topology.nodes ?? []) {
        if (kind === "host") yield [[name], Number(controller.hosts.get(name)?.connection.kind === "connected")];
      }
    }),
    source(FAMILIES.hostReported, function* () {
      for (const { name, health } of [...controller.hosts.values()]) {
        if (health !== undefined) yield [[name], health.reportedAtMs / 1e3];
      }
    }),
    source(FAMILIES.hostEntries, function* () {
      for (const host of [...controller.hosts.values()]) {
        const counts = heldByStatus(host);
        if (counts === undefined) continue;
        for (const status of STATUSES) yield [[host.name, status], counts[status]];
      }
    }),
    source(FAMILIES.hostPackets, function* () {
      for (const { host, health } of freshHealth(controller)) {
        for (const [reason, packets] of health.packetsByReason) {
          if (packets > 0n) yield [[host, reason], packets];
        }
      }
    }),
    ...uplinkSources(controller),
    source(FAMILIES.hostDriftRepairs, function* () {
      for (const { host, health } of freshHealth(controller)) yield [[host], health.driftRepairs];
    }),
  ];
}

function uplinkSources(controller: Controller): Source[] {
  const counted = [
    { family: FAMILIES.hostUplinkPackets, counter: "packets" },
    { family: FAMILIES.hostUplinkBytes, counter: "bytes" },
  ] as const;
  return counted.map(({ family, counter }) =>
    source(family, function* () {
      for (const { host, health } of freshHealth(controller)) {
        for (const uplink of health.uplinks) yield [[host, uplink.interface], uplink[counter]];
      }
    }),
  );
}

function heldByStatus({ held }: Host): Record<EntryStatus, number> | undefined {
  if (held === undefined) return undefined;
  const counts = { installed: 0, waiting: 0, rejected: 0 };
  for (const { status } of held.values()) counts[status] += 1;
  return counts;
}
