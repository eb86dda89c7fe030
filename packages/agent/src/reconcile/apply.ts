import { SextantError } from "@sextant/model";
import type { DataPlane } from "./data-plane";
import { type Step, STEP_ORDER } from "./delta";
import { type MutableKernelState, senderName } from "./kernel-state";

export interface Applied {
  readonly done: readonly Step[];
  /** Steps that the kernel refused with `map_full`; nothing that could depend on them was tried. */
  readonly refused: readonly RefusedStep[];
}

/** A step that found no room, and where. */
export interface RefusedStep {
  readonly step: Step;
  readonly message: string;
}

/**
 * Writes the steps kind by kind in STEP_ORDER and follows each in all of `states`. A map that is full stops the work after the
 * steps of that kind, because later kinds point at earlier ones. Any other error is thrown.
 */
export function applySteps(plane: DataPlane, states: readonly MutableKernelState[], steps: readonly Step[]): Applied {
  const done: Step[] = [];
  const refused: RefusedStep[] = [];
  for (const kind of STEP_ORDER) {
    if (refused.length > 0) break;
    for (const step of steps.filter((candidate) => candidate.kind === kind)) {
      const message = refusalOf(plane, step);
      if (message === undefined) {
        for (const state of states) follow(state, step);
        done.push(step);
      } else refused.push({ step, message });
    }
  }
  return { done, refused };
}

/** Carries the step out; which map was full when one was. */
function refusalOf(plane: DataPlane, step: Step): string | undefined {
  try {
    write(plane, step);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof SextantError && thrown.code === "map_full") return thrown.message;
    throw thrown;
  }
}

function write(plane: DataPlane, step: Step): void {
  switch (step.kind) {
    case "put_config": {
      plane.setConfig(step.config);
      return;
    }
    case "put_list": {
      plane.putList(step.key, step.list);
      return;
    }
    case "put_policy": {
      plane.putPolicy(step.key, step.policy);
      return;
    }
    case "add_source": {
      plane.addDomainSource(step.prefix);
      return;
    }
    case "put_destination": {
      plane.putDestination(step.prefix, step.destination);
      return;
    }
    case "add_sender": {
      plane.addSender(step.sender);
      return;
    }
    case "delete_sender": {
      plane.deleteSender(step.sender);
      return;
    }
    case "delete_destination": {
      plane.deleteDestination(step.prefix);
      return;
    }
    case "delete_source": {
      plane.deleteDomainSource(step.prefix);
      return;
    }
    case "delete_policy": {
      plane.deletePolicy(step.key);
      return;
    }
    case "delete_list": {
      plane.deleteList(step.key);
      return;
    }
  }
}

function follow(state: MutableKernelState, step: Step): void {
  switch (step.kind) {
    case "put_config":
      state.config = step.config;
      return;
    case "put_list":
      state.lists.set(step.key, step.list);
      return;
    case "put_policy":
      state.policies.set(step.key, step.policy);
      return;
    case "add_source":
      state.domainSources.add(step.prefix);
      return;
    case "put_destination":
      state.destinations.set(step.prefix, step.destination);
      return;
    case "add_sender":
      state.senders.set(senderName(step.sender), step.sender);
      return;
    case "delete_sender":
      state.senders.delete(senderName(step.sender));
      return;
    case "delete_destination":
      state.destinations.delete(step.prefix);
      return;
    case "delete_source":
      state.domainSources.delete(step.prefix);
      return;
    case "delete_policy":
      state.policies.delete(step.key);
      return;
    case "delete_list":
      state.lists.delete(step.key);
  }
}
