import { join } from "node:path";
import { Lab } from "@sextant/lab";
import { tracesOf } from "../lab_support/lab-traces";
import { labNameFor, upLab } from "../lab_support/own-labs";
import { ping } from "../lab_support/ping";

//   Twice the same network, with the same addresses:
//            north                     north
//          /       \                 /       \
//   alice──west   east──bob   alice──west   east──bob
//          \       /                 \       /
//            south                     south
const TOPOLOGY = join(__dirname, "..", "lab_support", "diamond.yaml");
/** Names as alike as they come: the first one's management namespace is called as the second lab. */
const NAMES = [labNameFor("twin"), `${labNameFor("twin")}-mgmt`] as const;

jest.setTimeout(60_000);
afterAll(() => Promise.all(NAMES.map((name) => Lab.down(name))));

test("two labs are built at once, break apart, and one outlives the other", async () => {
  const [first, second] = await Promise.all(NAMES.map((name) => upLab(TOPOLOGY, "twin", { name })));
  if (first === undefined || second === undefined) throw new Error("two labs are up");
  expect(await Lab.list()).toEqual(expect.arrayContaining([first.name, second.name]));
  await first.linkDown({ a: "alice", b: "west" });
  expect((await ping(first, "alice", "2001:db8:b::1", 2)).received).toBe(0);
  expect((await ping(second, "alice", "2001:db8:b::1")).received).toBe(5);
  await first.down();
  expect(tracesOf(first.name)).toEqual([]);
  expect((await ping(second, "alice", "2001:db8:b::1")).received).toBe(5);
  expect((await second.status()).links.every(({ state }) => state.kind === "up")).toBe(true);
});
