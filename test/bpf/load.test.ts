import { existsSync } from "node:fs";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import { PacketPathFixture } from "./packet-path-fixture";

test("both programs pass the verifier, and nothing is left when the instance is destroyed", () => {
  const fixture = PacketPathFixture.open();
  expect(fixture.plane.config()).toBeUndefined();
  fixture.close();
  expect(existsSync(`/sys/fs/bpf/sextant/${fixture.instance}`)).toBe(false);
  KernelDataPlane.destroy(fixture.instance);
});
