import { execFileSync } from "node:child_process";

/** Whether the kernel delays packets itself. Says on stderr that tests of the delay line are left out when it does. */
export function kernelHasNetem(): boolean {
  const namespace = `netem-probe-${process.pid}`;
  const run = (line: string) => execFileSync("sh", ["-c", line], { stdio: "ignore" });
  run(`ip netns add ${namespace}`);
  try {
    run(`tc -n ${namespace} qdisc add dev lo root netem delay 1ms`);
    process.stderr.write("this kernel has netem: the delay line is not used, its tests are left out\n");
    return true;
  } catch {
    return false;
  } finally {
    run(`ip netns del ${namespace}`);
  }
}
