import { execFileSync } from "node:child_process";
import { libc } from "../../packages/agent/src/bpf/ffi";
import { FLOW_EVENT_NAMES } from "../../packages/agent/src/bpf/flow-events";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import { KERNEL_LIMITS } from "../../packages/agent/src/bpf/kernel-limits";
import { shapeOfFd } from "../../packages/agent/src/bpf/map-shape";
import { PinDirectory } from "../../packages/agent/src/bpf/pin-directory";
import { PROBE_PAYLOAD_BYTES } from "../../packages/agent/src/bpf/probe-packet";
import { REASONS } from "../../packages/agent/src/bpf/reasons";
import { STRUCT_LAYOUTS } from "../../packages/agent/src/bpf/struct-layouts";
import { OBJECTS, uniqueInstance } from "./packet-path-fixture";

interface BtfType {
  readonly kind: string;
  readonly name: string;
  readonly size: number;
  readonly members: readonly { readonly name: string; readonly bits_offset: number }[];
  readonly values: readonly { readonly name: string; readonly val: number }[];
}

/** Struct and enum types of a compiled program by name. */
function btfOf(object: string): Map<string, BtfType> {
  const output = execFileSync("bpftool", ["-j", "btf", "dump", "file", `${OBJECTS}/${object}.bpf.o`], {
    encoding: "utf8",
  });
  const { types } = JSON.parse(output) as { types: BtfType[] };
  return new Map(types.filter(({ kind }) => kind === "STRUCT" || kind === "ENUM").map((type) => [type.name, type]));
}

/** Fields as C has them, padding left out. */
function fieldsOf(type: BtfType | undefined): Record<string, number> {
  const members = (type?.members ?? []).filter(({ name }) => !/^pad\d?$/.test(name));
  return Object.fromEntries(members.map(({ name, bits_offset }) => [name, bits_offset / 8]));
}

describe.each(["egress", "ingress"])("%s program", (object) => {
  const btf = btfOf(object);

  test.each(Object.entries(STRUCT_LAYOUTS))("struct %s is laid out as TypeScript thinks", (name, layout) => {
    const { bytes, ...fields } = layout;
    expect({ bytes: btf.get(name)?.size, fields: fieldsOf(btf.get(name)) }).toEqual({ bytes, fields });
  });

  test("reasons have the same names in the same order", () => {
    const names = (btf.get("sxt_reason")?.values ?? []).map(({ name }) => name.replace(/^SXT_/, "").toLowerCase());
    expect(names).toEqual([...REASONS, "reason_count"]);
  });

  test("the probe's payload has the size of struct sxt_probe", () => {
    expect(btf.get("sxt_probe")?.size).toBe(PROBE_PAYLOAD_BYTES);
  });
});

test.each(["egress", "stall"])("flow events of the %s program have the same names in the same order", (object) => {
  const { values = [] } = btfOf(object).get("sxt_flow_event") ?? {};
  const names = values.map(({ name }) => name.replace(/^SXT_/, "").toLowerCase());
  expect(names).toEqual([...FLOW_EVENT_NAMES, "flow_event_count"]);
});

test("every struct of maps and packets that both sides know is compared", () => {
  const shared = [...btfOf("egress").keys()].filter((name) => name.startsWith("sxt_") && name !== "sxt_probe");
  const structs = shared.filter((name) => btfOf("egress").get(name)?.kind === "STRUCT");
  expect(structs.filter((name) => !(name in STRUCT_LAYOUTS))).toEqual([]);
});

test("map sizes are the limits that the agent promises", () => {
  const { sxt_group, sxt_group_list, sxt_policy, sxt_candidate, sxt_list } = STRUCT_LAYOUTS;
  const signedOuterBytes = 40 + 8 + 40;
  expect({
    listsPerCandidate: (sxt_group.bytes - sxt_group.lists) / sxt_group_list.bytes,
    candidates: (sxt_policy.bytes - sxt_policy.candidates) / sxt_candidate.bytes,
    segments: (sxt_list.bytes - sxt_list.header - signedOuterBytes) / 16 - 1,
  }).toEqual({
    listsPerCandidate: KERNEL_LIMITS.maxListsPerCandidate,
    candidates: KERNEL_LIMITS.maxCandidates,
    segments: KERNEL_LIMITS.maxSegments,
  });
});

test("the kernel's maps have as many entries as the agent promises", () => {
  const instance = uniqueInstance();
  const plane = KernelDataPlane.open({ instance, objectDirectory: OBJECTS });
  const pins = PinDirectory.ofInstance(instance).child("maps");
  const entriesOf = (name: string) => {
    const fd = pins.open(name) ?? -1;
    const { entries } = shapeOfFd(fd);
    libc().close(fd);
    return entries;
  };
  const promised = {
    lists: KERNEL_LIMITS.maxLists,
    list_states: KERNEL_LIMITS.maxLists,
    list_loops: KERNEL_LIMITS.maxLists,
    list_counters: KERNEL_LIMITS.maxLists,
    list_tcp: KERNEL_LIMITS.maxLists,
    next_hops: KERNEL_LIMITS.maxNextHops,
    next_hop_counters: KERNEL_LIMITS.maxNextHops,
    groups: KERNEL_LIMITS.groupRows,
    policies: KERNEL_LIMITS.maxPolicies,
    leg_counters: KERNEL_LIMITS.maxLegs,
    rules: KERNEL_LIMITS.ruleRows,
    destinations: KERNEL_LIMITS.maxDestinations,
    domain_sources: KERNEL_LIMITS.maxSources,
    senders: KERNEL_LIMITS.maxSenders,
    reasons: REASONS.length,
  };
  const found = Object.fromEntries(Object.keys(promised).map((name) => [name, entriesOf(name)]));
  plane.close();
  KernelDataPlane.destroy(instance);
  expect(found).toEqual(promised);
});
