import { join } from "node:path";
import { Lab } from "@sextant/lab";
import { labNameFor, upLab } from "../lab_support/own-labs";
import { ping } from "../lab_support/ping";

//            north
//         10/     \10
//   alice──west   east──bob
//         20\     /20
//            south
const TOPOLOGY = join(__dirname, "..", "lab_support", "dual-stack.yaml");
const SOUTH = "fcbb:bb00:3::";
const BOB = "2001:db8:b::1";
const PACKETS = 5;

jest.setTimeout(60_000);

let lab: Lab;
beforeAll(async () => {
  lab = await upLab(TOPOLOGY, "signed");
  await lab.setSigningKey(1, "the right one");
  await lab.setSignaturePolicy("required");
});
afterAll(() => Lab.down(labNameFor("signed")));

/** How many of alice's pings through the south come back, the list signed by her kernel, or not. */
async function answered(signature: string): Promise<number> {
  const uplink = lab.plan.nodes.get("alice")?.ends[0];
  const via = `via ${uplink?.peerAddress ?? ""} dev ${uplink?.interfaceName ?? ""} src 2001:db8:a::1 metric 1`;
  const encap = `encap seg6 mode inline segs ${SOUTH} ${signature}`;
  const { stderr } = await lab.exec("alice", `ip -6 route replace ${BOB}/128 ${encap} ${via}`.split(/\s+/));
  expect(stderr).toBe("");
  return (await ping(lab, "alice", BOB, PACKETS, 0.3)).received;
}

test("a list with the right signature passes, one without none does not", async () => {
  expect(await answered("hmac 1")).toBe(PACKETS);
  expect(await answered("")).toBe(0);
});

test("a list signed with another secret, or with a key that nobody knows, is dropped", async () => {
  await lab.setSigningKey(1, "a wrong one", ["alice"]);
  expect(await answered("hmac 1")).toBe(0);
  await lab.setSigningKey(2, "her own", ["alice"]);
  expect(await answered("hmac 2")).toBe(0);
  await lab.setSigningKey(1, "the right one", ["alice"]);
  expect(await answered("hmac 1")).toBe(PACKETS);
});

test("keys come and go, each by its number", async () => {
  await lab.setSigningKey(3, "the next one");
  expect([await answered("hmac 1"), await answered("hmac 3")]).toEqual([PACKETS, PACKETS]);
  await lab.setSigningKey(1, undefined, ["south"]);
  expect(await answered("hmac 3")).toBe(PACKETS);
  expect((await lab.exec("south", ["ip", "sr", "hmac", "show"])).stdout).not.toMatch(/hmac 1 /);
  expect(await answered("hmac 1")).toBe(0);
});

test("routers that need no signature", async () => {
  await lab.setSignaturePolicy("checked");
  expect(await answered("")).toBe(PACKETS);
});
