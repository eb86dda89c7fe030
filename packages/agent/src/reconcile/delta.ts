import type { IpPrefix, Ipv6Prefix } from "@sextant/model";
import type { HostConfig, KernelDestination, KernelKey, KernelList, KernelPolicy, KernelSender } from "./data-plane";
import {
  type KernelState,
  sameConfig,
  sameDestination,
  sameList,
  samePolicy,
  sameSender,
  senderName,
} from "./kernel-state";

/** One atomic write to one map. */
export type Step =
  | { readonly kind: "put_config"; readonly config: HostConfig }
  | { readonly kind: "put_list"; readonly key: KernelKey; readonly list: KernelList }
  | { readonly kind: "put_policy"; readonly key: KernelKey; readonly policy: KernelPolicy }
  | { readonly kind: "add_source"; readonly prefix: Ipv6Prefix }
  | { readonly kind: "add_sender"; readonly sender: KernelSender }
  | { readonly kind: "put_destination"; readonly prefix: IpPrefix; readonly destination: KernelDestination }
  | { readonly kind: "delete_destination"; readonly prefix: IpPrefix }
  | { readonly kind: "delete_sender"; readonly sender: KernelSender }
  | { readonly kind: "delete_source"; readonly prefix: Ipv6Prefix }
  | { readonly kind: "delete_policy"; readonly key: KernelKey }
  | { readonly kind: "delete_list"; readonly key: KernelKey };

/** Make before break: what is pointed at comes before what points, and goes after it. Steps of one kind are independent. */
export const STEP_ORDER = [
  "put_config",
  "put_list",
  "put_policy",
  "add_source",
  "add_sender",
  "put_destination",
  "delete_destination",
  "delete_sender",
  "delete_source",
  "delete_policy",
  "delete_list",
] as const satisfies readonly Step["kind"][];

/** The writes that turn `actual` into `target`, in an order in which no step leaves a pointer to something absent. */
export function kernelDelta(actual: KernelState, target: KernelState): Step[] {
  const steps: Step[] = [
    ...changed(actual.lists, target.lists, sameList, (key, list) => ({ kind: "put_list", key, list })),
    ...changed(actual.policies, target.policies, samePolicy, (key, policy) => ({ kind: "put_policy", key, policy })),
    ...[...target.domainSources]
      .filter((prefix) => !actual.domainSources.has(prefix))
      .map((prefix): Step => ({ kind: "add_source", prefix })),
    ...changed(actual.senders, target.senders, sameSender, (_, sender) => ({ kind: "add_sender", sender })),
    ...changed(actual.destinations, target.destinations, sameDestination, (prefix, destination) => ({
      kind: "put_destination",
      prefix,
      destination,
    })),
    ...absent(actual.destinations, target.destinations, (prefix) => ({ kind: "delete_destination", prefix })),
    ...[...actual.senders]
      .filter(([name]) => !target.senders.has(name))
      .map(([, sender]): Step => ({ kind: "delete_sender", sender })),
    ...absent(actual.domainSources, target.domainSources, (prefix) => ({ kind: "delete_source", prefix })),
    ...absent(actual.policies, target.policies, (key) => ({ kind: "delete_policy", key })),
    ...absent(actual.lists, target.lists, (key) => ({ kind: "delete_list", key })),
  ];
  if (target.config === undefined || sameConfig(actual.config, target.config)) return steps;
  return [{ kind: "put_config", config: target.config }, ...steps];
}

/** Names a step, so that the same repair found twice is recognised: `put_list 2f…`. */
export function stepName(step: Step): string {
  switch (step.kind) {
    case "put_config":
      return step.kind;
    case "put_list":
    case "put_policy":
    case "delete_policy":
    case "delete_list":
      return `${step.kind} ${step.key.toString(16).padStart(16, "0")}`;
    case "add_source":
    case "put_destination":
    case "delete_destination":
    case "delete_source":
      return `${step.kind} ${step.prefix}`;
    case "add_sender":
    case "delete_sender":
      return `${step.kind} ${senderName(step.sender)}`;
  }
}

function changed<K, V>(
  actual: ReadonlyMap<K, V>,
  target: ReadonlyMap<K, V>,
  same: (a: V | undefined, b: V | undefined) => boolean,
  step: (key: K, value: V) => Step,
): Step[] {
  return [...target].filter(([key, value]) => !same(actual.get(key), value)).map(([key, value]) => step(key, value));
}

function absent<K>(
  actual: Iterable<K> | ReadonlyMap<K, unknown>,
  target: { has(key: K): boolean },
  step: (key: K) => Step,
) {
  const keys = actual instanceof Map ? (actual as ReadonlyMap<K, unknown>).keys() : (actual as Iterable<K>);
  return [...keys].filter((key) => !target.has(key)).map(step);
}
