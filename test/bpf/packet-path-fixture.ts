import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import { loadPacketPath, type PacketPath } from "../../packages/agent/src/bpf/packet-path";
import { PinDirectory } from "../../packages/agent/src/bpf/pin-directory";
import { enterPrivateNamespace } from "./private-namespace";
import { runProgram, type RunResult } from "./program-run";

/** Folder of the compiled programs; those of another compiler are tested by naming theirs. */
export const OBJECTS = process.env["BPF_OBJECTS"] ?? `${__dirname}/../../packages/agent/build/bpf`;
const INSTANCES = "/sys/fs/bpf/sextant";

/** A name that no other instance on this machine has. What processes that are gone have left pinned goes first. */
export function uniqueInstance(): string {
  removeLeftovers();
  return `test-${process.pid}-${randomBytes(4).toString("hex")}`;
}

let leftoversAreGone = false;

function removeLeftovers(): void {
  if (leftoversAreGone || !existsSync(INSTANCES)) return;
  for (const name of readdirSync(INSTANCES)) {
    const pid = /^test-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) PinDirectory.ofInstance(name).remove();
  }
  leftoversAreGone = true;
}

/** What one packet did. */
export interface Outcome extends RunResult {
  /** The one reason whose counter moved, or all of them, joined by blanks. */
  readonly reason: string;
}

/** A data plane with maps of its own, and its programs to be run on single frames. */
export class PacketPathFixture {
  private constructor(
    readonly plane: KernelDataPlane,
    readonly instance: string,
    private readonly path: PacketPath,
    private readonly leave: () => void,
  ) {}

  /** In a namespace of its own, which the thread is in until `close`. */
  static open(): PacketPathFixture {
    return PacketPathFixture.load(enterPrivateNamespace());
  }

  /** In the namespace that the thread is in. */
  static openHere(): PacketPathFixture {
    return PacketPathFixture.load(() => undefined);
  }

  private static load(leave: () => void): PacketPathFixture {
    const instance = uniqueInstance();
    const plane = KernelDataPlane.open({ instance, objectDirectory: OBJECTS });
    const path = loadPacketPath(OBJECTS, PinDirectory.ofInstance(instance).child("maps"));
    return new PacketPathFixture(plane, instance, path, leave);
  }

  /** File descriptors of the loaded programs. */
  get programs(): PacketPath["programs"] {
    return this.path.programs;
  }

  run(direction: "egress" | "ingress", frame: Buffer, skb: Parameters<typeof runProgram>[2] = {}): Outcome {
    const before = this.plane.reasons();
    const result = runProgram(this.programs[direction], frame, skb);
    const moved = [...this.plane.reasons()].filter(([name, count]) => count !== before.get(name));
    return { ...result, reason: moved.map(([name]) => name).join(" ") };
  }

  close(): void {
    this.path.close();
    this.plane.close();
    KernelDataPlane.destroy(this.instance);
    this.leave();
  }
}
