import { join } from "node:path";
import { Lab } from "@sextant/lab";
import { labNameFor, upLab } from "../lab_support/own-labs";

//            north, 1400 bytes
//         10/     \10
//   alice──west   east──bob
//         20\     /20
//            south
const TOPOLOGY = join(__dirname, "..", "lab_support", "dual-stack.yaml");
const NARROW = { a: "west", b: "north" };

jest.setTimeout(60_000);

let lab: Lab;
beforeAll(async () => {
  lab = await upLab(TOPOLOGY, "mtu");
});
afterAll(() => Lab.down(labNameFor("mtu")));

/** What becomes of one packet of so many bytes, IP header included, that may not be fragmented. */
async function send(address: string, bytes: number): Promise<string> {
  const headers = address.includes(":") ? 48 : 28;
  const argv = ["ping", "-n", "-c", "1", "-W", "1", "-M", "do", "-s", String(bytes - headers), address];
  const { status, stdout, stderr } = await lab.exec("alice", argv);
  return status === 0 ? "answered" : `${stdout}${stderr}`;
}

test.each(["2001:db8:b::1", "198.51.100.1"])(
  "to %s: what is too large for a link in the middle is refused",
  async (address) => {
    expect(await send(address, 1_500)).toBe("answered");
    await lab.linkSet(NARROW, { mtu: 1_400 });
    expect(await send(address, 1_400)).toBe("answered");
    expect(await send(address, 1_401)).toMatch(/mtu ?= ?1400/i);
    await lab.linkSet(NARROW, { mtu: 9_000 });
  },
);

test("a connection finds the size that fits", async () => {
  await lab.linkSet(NARROW, { mtu: 1_300 });
  for (const family of [4, 6] as const) {
    const tcp = await lab.startTcp({
      ...{ from: "alice", to: "bob", address: lab.addressOf("bob", family), port: 9_100 + family },
      ...{ mode: "echo", bytes: 20_000, seconds: 0.3 },
    });
    expect((await tcp.result).requests).toBeGreaterThan(3);
  }
  await lab.linkSet(NARROW, { mtu: 9_000 });
});

test("a host's own link: its packets stay at 1500 while the link narrows and widens", async () => {
  const link = { a: "alice", b: "west" };
  // The route itself: what single destinations were found to carry is remembered elsewhere.
  const route = async (prefix: string) =>
    (await lab.exec("alice", ["ip", prefix.includes(":") ? "-6" : "-4", "route", "show", prefix])).stdout;
  await lab.linkSet(link, { mtu: 1_500 });
  await lab.linkSet(link, { mtu: 9_000 });
  for (const prefix of ["2001:db8:b::1/128", "198.51.100.1/32"])
    expect(await route(prefix)).toMatch(/mtu (lock )?1500/);
});

test.each([
  [{ a: "west", b: "north" }, 1_279],
  [{ a: "west", b: "north" }, 9_001],
  [{ a: "alice", b: "west" }, 1_499],
])("%j cannot have %i bytes", async (link, mtu) => {
  await expect(lab.linkSet(link, { mtu })).rejects.toMatchObject({ code: "invalid_argument" });
});
