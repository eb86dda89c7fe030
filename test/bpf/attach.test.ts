import { execFileSync } from "node:child_process";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import type { HookKind } from "../../packages/agent/src/bpf/hook";
import { PinDirectory } from "../../packages/agent/src/bpf/pin-directory";
import { RawIpv6Socket } from "../../packages/agent/src/bpf/raw-socket";
import { codeOf } from "../support/code-of";
import { uniqueInstance } from "./packet-path-fixture";
import { enterPrivateNamespace, ifindexOf, ip } from "./private-namespace";

let leave: () => void;
let instance: string;
let plane: KernelDataPlane;
let uplink: number;

beforeEach(() => {
  leave = enterPrivateNamespace();
  ip("link add up0 type veth peer name up1");
  uplink = ifindexOf("up0");
  instance = uniqueInstance();
});

afterEach(() => {
  plane.close();
  KernelDataPlane.destroy(instance);
  leave();
});

/** What iproute2 sees of our classifiers: it knows nothing of pins and links. */
function classifiers(): number {
  const shown = ["egress", "ingress"].map((hook) =>
    execFileSync("tc", ["filter", "show", "dev", "up0", hook], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
  return shown.join("").match(/direct-action/g)?.length ?? 0;
}

const pins = (kind: HookKind) =>
  PinDirectory.ofInstance(instance)
    .child(kind === "tcx" ? "links" : "classifiers")
    .names();

describe.each<HookKind>(["tcx", "clsact"])("the %s hook", (hook) => {
  beforeEach(() => {
    plane = KernelDataPlane.open({ instance, hook });
  });

  test("is taken and left", () => {
    expect(plane.attached()).toEqual([]);
    plane.attach(uplink);
    expect(plane.attached()).toEqual([{ ifindex: uplink, hook }]);
    plane.detach(uplink);
    expect([plane.attached(), pins(hook), classifiers()]).toEqual([[], [], 0]);
  });

  test("is taken once, however often it is asked for", () => {
    plane.attach(uplink);
    plane.attach(uplink);
    expect([plane.attached().length, pins(hook).length]).toEqual([1, 2]);
  });

  test("stays when the agent goes, and is the next agent's", () => {
    plane.attach(uplink);
    plane.close();
    plane = KernelDataPlane.open({ instance, hook });
    expect(plane.attached()).toEqual([{ ifindex: uplink, hook }]);
  });

  test("is nowhere on an interface that is not there", () => {
    expect(codeOf(() => plane.attach(4711))).toBe("interface_gone");
    expect([plane.attached(), pins(hook)]).toEqual([[], []]);
  });

  test("goes with its interface, and the next agent forgets it", () => {
    plane.attach(uplink);
    ip("link del up0");
    expect(plane.attached()).toEqual([]);
    plane.close();
    plane = KernelDataPlane.open({ instance, hook });
    expect([plane.attached(), pins(hook)]).toEqual([[], []]);
  });

  test("is empty after destroy, which can be repeated", () => {
    plane.attach(uplink);
    plane.close();
    KernelDataPlane.destroy(instance);
    KernelDataPlane.destroy(instance);
    expect(classifiers()).toBe(0);
    plane = KernelDataPlane.open({ instance, hook });
    expect(plane.attached()).toEqual([]);
  });

  test("is put back whole when one half was taken away by hand", () => {
    plane.attach(uplink);
    plane.close();
    PinDirectory.ofInstance(instance)
      .child(hook === "tcx" ? "links" : "classifiers")
      .unpin(`egress_${uplink}`);
    plane = KernelDataPlane.open({ instance, hook });
    expect(plane.attached()).toEqual([{ ifindex: uplink, hook }]);
  });
});

test("clsact carries both programs where iproute2 sees them", () => {
  plane = KernelDataPlane.open({ instance, hook: "clsact" });
  plane.attach(uplink);
  expect(classifiers()).toBe(2);
});

test.each<[HookKind, HookKind]>([
  ["tcx", "clsact"],
  ["clsact", "tcx"],
])("an interface moves from %s to %s", (from, to) => {
  plane = KernelDataPlane.open({ instance, hook: from });
  plane.attach(uplink);
  plane.close();
  plane = KernelDataPlane.open({ instance, hook: to });
  expect(plane.attached()).toEqual([{ ifindex: uplink, hook: to }]);
  expect([pins(from), classifiers()]).toEqual([[], to === "clsact" ? 2 : 0]);
});

test("without a wish the hook is tcx on a kernel that has it", () => {
  plane = KernelDataPlane.open({ instance });
  plane.attach(uplink);
  expect(plane.attached()).toEqual([{ ifindex: uplink, hook: "tcx" }]);
});

test("an interface without Ethernet framing is refused", () => {
  plane = KernelDataPlane.open({ instance });
  ip("tuntap add dev tun0 mode tun");
  expect(codeOf(() => plane.attach(ifindexOf("tun0")))).toBe("invalid_argument");
});

test("a process without privileges is told so", () => {
  plane = KernelDataPlane.open({ instance });
  process.seteuid?.(65534);
  const codes = [
    codeOf(() => KernelDataPlane.open({ instance })),
    codeOf(() => KernelDataPlane.view(instance)),
    codeOf(() => RawIpv6Socket.open()),
  ];
  process.seteuid?.(0);
  expect(codes).toEqual(new Array(3).fill("missing_privilege"));
});
