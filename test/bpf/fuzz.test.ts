import { fuzz } from "./fuzz/run";
import { fuzzWorld, type World } from "./fuzz/world";

/** `make fuzz-packets` sends as many as one likes. */
const PACKETS = 200_000;

jest.setTimeout(120_000);

let world: World;

beforeAll(() => {
  world = fuzzWorld();
});

afterAll(() => world.fixture.close());

// Egress first: probes must have left before any can come back.
test.each(["egress", "ingress"] as const)("%s takes generated and spoilt packets as the norms say", (direction) => {
  const exits = fuzz(world, { direction, seed: 1, packets: PACKETS });
  expect([...exits.values()].reduce((sum, count) => sum + count)).toBe(PACKETS);
  expect(exits.size).toBeGreaterThan(15);
});
