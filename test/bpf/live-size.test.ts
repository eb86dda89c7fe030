import { ipv6, ipv6ToBytes } from "@sextant/model";
import { eventually } from "../support/eventually";
import { sendSuperPacket, within } from "./live-network";
import {
  IPV4_DONT_FRAGMENT,
  IPV4_MAY_FRAGMENT,
  IPV6_DONTFRAG,
  sendConnected,
  sendUnconnected,
  SizeReceiver,
  UDP_PORT,
} from "./size-endpoints";
import { ADDRESS_B, ENCAPSULATED_BYTES, INSERTED_BYTES, IPV4_B, LINK_MTU, SizeNetwork } from "./size-network";
import { capture } from "./tcpdump";

const UDP6_BYTES = 48;
const UDP4_BYTES = 28;

jest.setTimeout(30_000);

let network: SizeNetwork;
let receiver: SizeReceiver;

beforeAll(async () => {
  network = SizeNetwork.up();
  receiver = await SizeReceiver.start(network.namespaces, network.b);
});

afterAll(() => network.down());

beforeEach(() => receiver.forget());

/** Payload sizes of all packets of 1280 to 1500 bytes. */
function payloads(address: string): number[] {
  const headers = address.includes(":") ? UDP6_BYTES : UDP4_BYTES;
  return Array.from({ length: LINK_MTU - 1280 + 1 }, (_, i) => 1280 + i - headers);
}

type Send = (from: string, address: string, sizes: number[]) => Map<number, string> | Promise<Map<number, string>>;
const connected: Send = (from, address, sizes) => sendConnected(network.namespaces, from, address, sizes);
const unconnected: Send = (from, address, sizes) => sendUnconnected(from, address, sizes);
const whole: Send = (from, address, sizes) => sendUnconnected(from, address, sizes, [IPV6_DONTFRAG]);
const whole4: Send = (from, address, sizes) => sendUnconnected(from, address, sizes, [IPV4_DONT_FRAGMENT]);
const cut4: Send = (from, address, sizes) => sendUnconnected(from, address, sizes, [IPV4_MAY_FRAGMENT]);

/** What goes on each second byte of a size, sent from a host to an address in a mode, and how. */
type Case = readonly [title: string, mode: "insert" | "encap", from: "a" | "w", address: string, send: Send];

const cases: Case[] = [
  ["inserted, connected", "insert", "a", ADDRESS_B, connected],
  ["inserted, unconnected", "insert", "a", ADDRESS_B, unconnected],
  ["inserted, never to be cut", "insert", "a", ADDRESS_B, whole],
  ["encapsulated, connected", "encap", "a", ADDRESS_B, connected],
  ["encapsulated, never to be cut", "encap", "a", ADDRESS_B, whole],
  ["encapsulated, forwarded", "encap", "w", ADDRESS_B, connected],
  ["encapsulated, forwarded, never to be cut", "encap", "w", ADDRESS_B, whole],
  ["IPv4, connected", "encap", "a", IPV4_B, connected],
  ["IPv4, never to be cut", "encap", "a", IPV4_B, whole4],
  ["IPv4, always to be cut", "encap", "a", IPV4_B, cut4],
  ["IPv4, forwarded", "encap", "w", IPV4_B, connected],
  ["IPv4, forwarded, never to be cut", "encap", "w", IPV4_B, whole4],
];

describe("every datagram up to the size of the link arrives or is refused", () => {
  test.each(cases)("%s", async (_, mode, from, address, send) => {
    network.steer({ mode });
    const sizes = payloads(address);
    const told = network.reason("too_big_told");
    const refused = await send(network[from], address, sizes);
    await eventually("the others have arrived", () => receiver.sizes().size >= sizes.length - refused.size);
    const arrived = receiver.sizes();
    expect(sizes.filter((size) => !arrived.has(size) && !refused.has(size))).toEqual([]);
    expect(new Set(refused.values())).toEqual(new Set(refused.size > 0 ? ["EMSGSIZE"] : []));
    expect(network.reason("too_big_told")).toBeGreaterThan(told);
  });

  test("IPv4, forwarded, where routers may cut it: it goes on unsteered, and its sender is not bothered", async () => {
    network.steer({ mode: "encap" });
    const before = { told: network.reason("too_big_told"), untold: network.reason("too_big_untold") };
    const sizes = payloads(IPV4_B);
    expect(sendUnconnected(network.w, IPV4_B, sizes, [IPV4_MAY_FRAGMENT])).toEqual(new Map());
    await eventually("all have arrived", () => receiver.sizes().size === sizes.length);
    expect(network.reason("too_big_told")).toBe(before.told);
    expect(network.reason("too_big_untold") - before.untold).toBe(ENCAPSULATED_BYTES);
  });

  test.each<[string, "insert" | "encap", string]>([
    ["inserted", "insert", ADDRESS_B],
    ["encapsulated", "encap", ADDRESS_B],
    ["IPv4", "encap", IPV4_B],
  ])("%s, where the policy drops: the sender hears of the one that is lost", async (_, mode, address) => {
    network.steer({ mode, onNoPath: "drop" });
    const sizes = payloads(address);
    const refused = await connected(network.a, address, sizes);
    await eventually("the others have arrived", () => receiver.sizes().size >= sizes.length - 1 - refused.size);
    const arrived = receiver.sizes();
    const lost = sizes.filter((size) => !arrived.has(size) && !refused.has(size));
    expect([...refused]).toEqual(lost.map((size) => [size + 1, "EMSGSIZE"]));
    expect(lost).toHaveLength(1);
  });
});

test("a super-packet of datagrams goes on whole and unsteered, and its sender is told", async () => {
  // sendSuperPacket fills with ones, and the receiver wants the last byte of the size.
  const segment = 0x501;
  const mtu = segment + UDP6_BYTES + INSERTED_BYTES - 1;
  network.steer({ mode: "insert", mtu });
  const told = network.reason("too_big_told");
  const send = () =>
    within(network.a, () => sendSuperPacket(ipv6ToBytes(ipv6(ADDRESS_B)), UDP_PORT, 3 * segment, segment));
  send();
  await eventually("it has arrived", () => receiver.count(segment) === 3);
  expect(network.reason("too_big_told") - told).toBe(1);
  expect(pathMtu("a", ADDRESS_B)).toBe(mtu - INSERTED_BYTES);
  expect(send).toThrow();
});

test("a forwarded sender gets a message that is right in every byte that a receiver checks", async () => {
  network.steer({ mode: "encap" });
  const seen = await capture(network.namespaces, network.w, "w0", "icmp6 and ip6[40] == 2 or icmp[0] == 3");
  sendUnconnected(network.w, ADDRESS_B, [LINK_MTU - UDP6_BYTES]);
  sendUnconnected(network.w, IPV4_B, [LINK_MTU - UDP4_BYTES]);
  const mtu = LINK_MTU - ENCAPSULATED_BYTES;
  const message = `${ADDRESS_B} > 2001:db8:a:c::9: [icmp6 sum ok] ICMP6, packet too big, mtu ${mtu}`;
  await eventually("both messages", () => seen.text().includes(message) && seen.text().includes("need to frag"));
  expect(seen.text()).toContain(`${IPV4_B} > 198.51.100.9: ICMP ${IPV4_B} unreachable - need to frag (mtu ${mtu})`);
  expect(seen.text()).not.toMatch(/wrong|bad/);
});

describe("a narrow link behind the router", () => {
  const NARROW = 1400;
  beforeAll(() => network.narrow(NARROW));
  afterAll(() => network.narrow(LINK_MTU));

  test.each(cases)("%s: the sender learns what fits, with the header", async (_, mode, from, address, send) => {
    network.steer({ mode });
    const restored = network.reason("error_restored");
    let missing = payloads(address).filter((size) => size % 5 === 0);
    const refused = new Set<number>();
    await eventually("all have arrived or are refused", async () => {
      for (const size of (await send(network[from], address, missing)).keys()) refused.add(size);
      missing = missing.filter((size) => !receiver.sizes().has(size) && !refused.has(size));
      return missing.length === 0;
    });
    expect(network.reason("error_restored")).toBeGreaterThan(restored);
    const bytes = mode === "insert" ? INSERTED_BYTES : ENCAPSULATED_BYTES;
    expect(pathMtu(from, address)).toBe(NARROW - bytes);
  });
});

/** What the sender's kernel holds the path's MTU to be. */
function pathMtu(from: "a" | "w", address: string): number {
  const route = network.namespaces.run(network[from], `ip route get ${address}`);
  return Number(/mtu (\d+)/.exec(route)?.[1]);
}
