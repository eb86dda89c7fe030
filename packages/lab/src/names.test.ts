import {
  agentInstance,
  interfaceNames,
  labName,
  labNameOfTopology,
  linkAddress,
  linkHardwareAddress,
  managementAddress,
  managementNamespace,
  nodeNamespace,
} from "./names";

test.each(["a", "dual-plane", "x1", "a".repeat(32)])("%s is a lab name", (name) => {
  expect(labName(name)).toBe(name);
});

test.each(["", "-a", "a-", "A", "a.b", "a_b", "a/b", "a b", "a".repeat(33)])('"%s" is no lab name', (name) => {
  expect(() => labName(name)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
});

test.each([
  ["Backbone.Europe", "backbone-europe"],
  ["dual-plane", "dual-plane"],
  [`${"a".repeat(31)}-b`, "a".repeat(31)],
])("the topology %s gives the lab %s", (topology, lab) => {
  expect(labName(labNameOfTopology(topology))).toBe(lab);
});

test("labs and nodes whose names run together share no namespace and no instance", () => {
  const pairs = [
    ["a", "b-c"],
    ["a-b", "c"],
    ["a", "mgmt"],
    ["a-mgmt", "x"],
    ["a", "b.c"],
  ] as const;
  const names = [
    ...pairs.flatMap(([lab, node]) => [nodeNamespace(lab, node), agentInstance(lab, node)]),
    managementNamespace("a"),
    managementNamespace("a-mgmt"),
  ];
  expect(new Set(names).size).toBe(names.length);
});

test("an instance has no dot: bpffs refuses them", () => {
  expect(agentInstance("lab", "desk.1")).toBe("lab_desk_1");
});

test("interfaces are named after what they lead to, shortened with a hash, all different", () => {
  const names = interfaceNames(["zrh", "frankfurt-west-1", "frankfurt-west-2", "vie-prg-north"]);
  expect(names[0]).toBe("to-zrh");
  expect(names[1]).toMatch(/^to-frankfu-[0-9a-f]{4}$/);
  expect(new Set(names).size).toBe(4);
  expect(names.every((name) => name.length <= 15)).toBe(true);
});

test("addresses differ by lab, link and node", () => {
  const all = [
    linkAddress("a", 0, 1),
    linkAddress("a", 0, 2),
    linkAddress("a", 1, 1),
    linkAddress("b", 0, 1),
    managementAddress("a", 0),
    managementAddress("a", 1),
  ];
  expect(new Set(all).size).toBe(all.length);
  expect(all.every((address) => address.startsWith("fd"))).toBe(true);
});

test("hardware addresses are locally administered and differ by end", () => {
  expect(linkHardwareAddress("a", 258, "a")).toMatch(/^02:..:..:01:02:00$/);
  expect(linkHardwareAddress("a", 258, "b")).toMatch(/^02:..:..:01:02:01$/);
});
