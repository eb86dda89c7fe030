import { join } from "node:path";
import { BpfObject } from "../../../packages/agent/src/bpf/bpf-object";
import { libc } from "../../../packages/agent/src/bpf/ffi";
import type { KernelDataPlane } from "../../../packages/agent/src/bpf/kernel-data-plane";
import { PinDirectory } from "../../../packages/agent/src/bpf/pin-directory";
import { OBJECTS, PacketPathFixture } from "../../bpf/packet-path-fixture";
import { install } from "./cases";

/** A data plane with so many rules, and the egress program on its maps. */
export class RuleTable {
  private readonly fixture = PacketPathFixture.openHere();
  private egress: BpfObject | undefined;

  constructor(
    readonly rules: number,
    ifindex: number,
  ) {
    install(this.plane, ifindex, rules);
  }

  get plane(): KernelDataPlane {
    return this.fixture.plane;
  }

  get programFd(): number {
    return this.egress?.programFd ?? this.fixture.programs.egress;
  }

  /** Now and then all cases of one load are ten nanoseconds slower, those of the next are not: no load may speak for all. */
  reload(): void {
    const pins = PinDirectory.ofInstance(this.fixture.instance).child("maps");
    const opened: number[] = [];
    const share = (name: string) => {
      const fd = pins.open(name);
      if (fd !== undefined) opened.push(fd);
      return fd;
    };
    this.egress?.close();
    this.egress = BpfObject.load(join(OBJECTS, "egress.bpf.o"), "sextant_egress", share);
    for (const fd of opened) libc().close(fd);
  }

  close(): void {
    this.egress?.close();
    this.fixture.close();
  }
}
