// `make fuzz-packets`: generated and mutated packets through both programs, each judged by a second reading of the norms.
import { fuzz } from "./run";
import { fuzzWorld } from "./world";

const PACKETS = Number(process.env["COUNT"] ?? 1_000_000);
const SEED = Number(process.env["SEED"] ?? 1);

function main(): void {
  // Probes must have left before any can come back.
  const world = fuzzWorld();
  try {
    for (const direction of ["egress", "ingress"] as const) {
      const start = performance.now();
      const seconds = () => ((performance.now() - start) / 1000).toFixed(0);
      const onProgress = (done: number) => console.error(`${direction}: ${done} of ${PACKETS} after ${seconds()} s`);
      const summary = fuzz(world, { direction, seed: SEED, packets: PACKETS, onProgress });
      console.log(`${direction}: ${PACKETS} packets, seed ${SEED}, ${seconds()} s, each as it should be`);
      for (const [reason, count] of [...summary].sort((a, b) => b[1] - a[1])) {
        console.log(`  ${String(count).padStart(9)} ${reason}`);
      }
    }
  } finally {
    world.fixture.close();
  }
}

main();
