import { execFileSync } from "node:child_process";
import { KERNEL_LIMITS } from "../../packages/agent/src/bpf/kernel-limits";
import { PROBE_PAYLOAD_BYTES } from "../../packages/agent/src/bpf/probe-packet";
import { REASONS } from "../../packages/agent/src/bpf/reasons";
import { STRUCT_LAYOUTS } from "../../packages/agent/src/bpf/struct-layouts";
import { OBJECTS } from "./packet-path-fixture";

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
  const members = (type?.members ?? []).filter(({ name }) => name !== "pad");
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

test("map sizes are the limits that the agent promises", () => {
  const { sxt_destination, sxt_match, sxt_policy, sxt_list } = STRUCT_LAYOUTS;
  expect({
    rows: (sxt_destination.bytes - sxt_destination.rows) / sxt_match.bytes,
    candidates: (sxt_policy.bytes - sxt_policy.candidates) / 8,
    segments: (sxt_list.bytes - sxt_list.srh - 8) / 16 - 1,
  }).toEqual({
    rows: KERNEL_LIMITS.maxRowsPerDestination,
    candidates: KERNEL_LIMITS.maxCandidates,
    segments: KERNEL_LIMITS.maxSegments,
  });
});
