import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { libbpf, libc } from "../../packages/agent/src/bpf/ffi";
import { carriesState } from "../../packages/agent/src/bpf/known-maps";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import { shapeOfFd } from "../../packages/agent/src/bpf/map-shape";
import { PinDirectory } from "../../packages/agent/src/bpf/pin-directory";
import { codeOf } from "../support/code-of";
import { OBJECTS, PacketPathFixture, uniqueInstance } from "./packet-path-fixture";
import { bump, peek } from "./raw-maps";

test("all programs pass the verifier, and nothing is left when the instance is destroyed", () => {
  const fixture = PacketPathFixture.open();
  expect([fixture.plane.config(), fixture.plane.refusals]).toEqual([undefined, []]);
  fixture.close();
  expect(existsSync(`/sys/fs/bpf/sextant/${fixture.instance}`)).toBe(false);
  KernelDataPlane.destroy(fixture.instance);
});

describe("maps", () => {
  let instance: string;
  let plane: KernelDataPlane;
  let pins: PinDirectory;
  const open = () => KernelDataPlane.open({ instance, objectDirectory: OBJECTS });
  /** Pins one map under the name of another. */
  const mistake = (name: string, other: string) => {
    const fd = pins.open(other) ?? -1;
    pins.unpin(name);
    libbpf().bpf_obj_pin(fd, `${pins.path}/${name}`);
    libc().close(fd);
  };
  const shapeOf = (name: string) => {
    const fd = pins.open(name) ?? -1;
    const shape = shapeOfFd(fd);
    libc().close(fd);
    return shape;
  };

  beforeEach(() => {
    instance = uniqueInstance();
    plane = open();
    plane.close();
    pins = PinDirectory.ofInstance(instance).child("maps");
  });

  afterEach(() => {
    plane.close();
    KernelDataPlane.destroy(instance);
  });

  test("of all programs are pinned under their names, one each", () => {
    const declared = ["egress", "ingress", "socket", "stall"].flatMap((object) => mapsOf(`${OBJECTS}/${object}.bpf.o`));
    expect(pins.names().sort()).toEqual([...new Set(declared)].sort());
  });

  test("that only programs use are taken over like the others", () => {
    bump(instance, "neighbours", 3, [42n]);
    plane = open();
    expect(peek(instance, "neighbours", 3, 8).readBigUInt64LE()).toBe(42n);
  });

  test("that only programs use are made anew where new programs want another shape", () => {
    const wanted = shapeOf("neighbours");
    mistake("neighbours", "policies");
    plane = open();
    expect([shapeOf("neighbours"), carriesState("neighbours")]).toEqual([wanted, false]);
  });

  test("with the state of the host are never given up for another shape", () => {
    mistake("lists", "policies");
    expect(codeOf(open)).toBe("conflict");
    expect(shapeOf("lists")).toEqual(shapeOf("policies"));
  });
});

/** Names of the maps that an object declares, by the account of its section. */
function mapsOf(object: string): string[] {
  const output = execFileSync("bpftool", ["-j", "btf", "dump", "file", object], { encoding: "utf8" });
  const { types } = JSON.parse(output) as {
    types: { kind: string; name: string; vars?: { type_id: number }[]; id: number }[];
  };
  const section = types.find(({ kind, name }) => kind === "DATASEC" && name === ".maps");
  const ids = new Set(section?.vars?.map(({ type_id }) => type_id));
  return types.filter(({ id }) => ids.has(id)).map(({ name }) => name);
}
