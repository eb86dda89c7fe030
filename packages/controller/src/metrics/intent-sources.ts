import { type Source, source } from "@sextant/metrics";
import type { Condition } from "@sextant/model";
import type { Controller } from "../runtime/controller";
import { intentStatus } from "../runtime/intent-status";
import { observeHost } from "../runtime/observe-host";
import { CONTROLLER_FAMILIES as FAMILIES } from "./families";

const TYPES = ["Accepted", "Computed", "Encoded", "Protected", "Pushed", "Installed", "Live"] as const;
const STATUSES = ["True", "False", "Unknown"] as const;

/** Conditions of each intent, and how many intents have each of them. One scrape looks at each intent once. */
export function intentSources(controller: Controller): Source[] {
  const counts = new Map<string, number>();
  return [
    source(FAMILIES.intentCondition, function* () {
      for (const name of [...controller.catalog.intents.keys()]) {
        for (const { type, status, reason } of conditionsOf(controller, name)) {
          const key = `${type} ${status}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
          yield [[name, type, status, reason], 1];
        }
      }
    }),
    // Second, as it tells what the first one has found.
    source(FAMILIES.intents, function* () {
      for (const type of TYPES)
        for (const status of STATUSES) yield [[type, status], counts.get(`${type} ${status}`) ?? 0];
    }),
  ];
}

function conditionsOf(controller: Controller, name: string): readonly Condition[] {
  const plan = controller.plans.of(name);
  if (plan === undefined) return [];
  const observe = (host: string) => observeHost(controller.hosts.get(host), controller.settings, controller.nowMs);
  return intentStatus(plan, observe).conditions;
}
