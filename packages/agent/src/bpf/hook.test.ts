import { pinName, pinnedIfindexes } from "./hook";

test("pins name direction and interface, and are read back once per interface", () => {
  const names = [pinName("egress", 12), pinName("ingress", 12), pinName("ingress", 3), "maps", "egress_x"];
  expect(pinnedIfindexes(names)).toEqual([3, 12]);
});
