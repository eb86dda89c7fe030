import { type IpPrefix, ipv6, ipv6ToBytes, kernelKeyOf, parseIpPrefix } from "@sextant/model";
import { domain, encapList, list, policy } from "../../../../test/support/desired";
import { MemoryDataPlane } from "../../../../test/support/memory-data-plane";
import { memoryEnvironment, UPLINK_MTU } from "../../../../test/support/memory-environment";
import { GRACE_MS, ReconciledHost } from "../testing/reconciled-host";
import { found, missing } from "./environment";
import { GRACES_MS } from "./removal-grace";

const a = list(1);
const everywhere = memoryEnvironment();
const route = { nextHop: { ifindex: 2, gateway: ipv6("2001:db8:b::ff") }, mtu: UPLINK_MTU };

describe("outer headers, sizes and keys", () => {
  const outer = encapList([1]);
  const signed = encapList([1], { signingKeyId: 7 });
  const inserted = a;
  const secret = (text: string) => found({ id: 7, secret: new TextEncoder().encode(text) });
  const keyed = (text: string) => memoryEnvironment({ signingKey: () => secret(text) });
  const prefix = (text: string) => parseIpPrefix(text) as IpPrefix;
  const bounds = (host: ReconciledHost) =>
    Object.fromEntries([...host.plane.destinations()].map(([to, { packetBytesMax }]) => [to, packetBytesMax]));

  test("a list with an outer header starts from the host's first IPv6 address, and waits while there is none", () => {
    const host = new ReconciledHost();
    expect(host.reasons(host.want(outer))).toEqual({ [outer.key]: "waiting no_source_address" });
    host.want(outer, domain());
    const header = host.plane.lists().get(kernelKeyOf(outer.key))?.header;
    expect(header?.subarray(8, 24)).toEqual(ipv6ToBytes(ipv6("2001:db8:b::1")));
  });

  test("a signed list waits for its key; without it later it stays as it was signed", () => {
    const host = new ReconciledHost();
    const wanted = [signed, domain(), policy("video", [signed])];
    const reasons = () => host.reasons(host.want(...wanted));
    expect(reasons()).toMatchObject({ [signed.key]: "waiting key_missing", "policy/video/h": "waiting key_missing" });
    host.environment = keyed("secret");
    expect(reasons()).toMatchObject({ [signed.key]: "installed", "policy/video/h": "installed" });
    const lists = host.plane.lists();
    host.environment = everywhere;
    expect(reasons()).toMatchObject({ [signed.key]: "installed key_missing", "policy/video/h": "installed" });
    expect(host.plane.lists()).toEqual(lists);
    host.environment = keyed("another");
    expect(reasons()).toMatchObject({ [signed.key]: "installed" });
    expect(host.plane.lists()).not.toEqual(lists);
  });

  test("a destination knows the largest packet that fits any list to it or around it; IPv4 takes no inserted ones", () => {
    const host = new ReconciledHost();
    const to = (...destinations: string[]) => ({ match: { destinations: destinations.map(prefix) } });
    host.want(
      ...[inserted, outer, domain()],
      policy("wide", [outer], to("2001:db8::/32", "192.0.2.0/24")),
      policy("narrow", [inserted], to("2001:db8:1::/48", "192.0.2.0/25", "198.51.100.0/24")),
    );
    const [insertBytes, encapBytes] = [8 + 2 * 16, 40 + 8 + 16];
    expect(insertBytes).toBeLessThan(encapBytes);
    expect(bounds(host)).toEqual({
      "2001:db8::/32": UPLINK_MTU - encapBytes,
      "2001:db8:1::/48": UPLINK_MTU - encapBytes,
      "192.0.2.0/24": UPLINK_MTU - encapBytes,
      "192.0.2.0/25": UPLINK_MTU - encapBytes,
      "198.51.100.0/24": undefined,
    });
    host.environment = memoryEnvironment({ routeTo: () => ({ ...route, mtu: 1_400 }) });
    host.want(inserted, domain(), policy("narrow", [inserted], to("2001:db8:1::/48")));
    expect(bounds(host)).toEqual({ "2001:db8:1::/48": 1_400 - insertBytes });
  });

  test("a policy whose new lists all wait steers on with the old ones; it moves when one of the new ones is there", () => {
    const newer = encapList([2], { signingKeyId: 8 });
    const missingKey = (id: number) => (id === 7 ? secret("seven") : missing("key_missing", `no key ${id}`));
    const host = new ReconciledHost(undefined, memoryEnvironment({ signingKey: missingKey }));
    host.want(domain(), signed, policy("video", [signed]));
    const before = { policies: host.plane.policies(), lists: host.plane.lists() };
    const wanted = [domain(), newer, policy("video", [newer], { generation: 2 })];
    for (let turn = 1; turn <= 3; turn++) {
      expect(host.reasons(host.want(...wanted))).toMatchObject({
        [newer.key]: "waiting key_missing",
        "policy/video/h": "waiting key_missing",
      });
      expect({ policies: host.plane.policies(), lists: host.plane.lists() }).toEqual(before);
    }
    host.environment = memoryEnvironment({ signingKey: () => secret("eight") });
    expect(host.reasons(host.want(...wanted))).toMatchObject({ "policy/video/h": "installed" });
    expect([...host.plane.policies().values()][0]?.candidates).toEqual([
      { lists: [{ list: kernelKeyOf(newer.key), weight: 1 }] },
    ]);
  });

  test("senders come with the domain, and go half a minute after it has dropped them: their last packets are under way", () => {
    const host = new ReconciledHost();
    const senders = [{ sender: ipv6("2001:db8:c::1"), prefixes: [prefix("192.0.2.0/24"), prefix("2001:db8:d::/64")] }];
    host.want({ ...domain(), senders });
    expect(host.plane.senders().map(({ inner }) => inner)).toEqual(["192.0.2.0/24", "2001:db8:d::/64"]);
    const dropped = host.want(domain());
    expect([host.plane.writes, dropped.removalDueMs]).toEqual([[], host.nowMs + GRACES_MS.delete_sender]);
    host.nowMs += GRACES_MS.delete_sender - GRACE_MS - 1;
    host.want(domain());
    expect(host.plane.senders()).toHaveLength(2);
    host.want(domain());
    expect(host.plane.senders()).toEqual([]);
  });

  test("a sender that comes back in time was never gone, and its half minute starts over", () => {
    const host = new ReconciledHost();
    const named = { ...domain(), senders: [{ sender: ipv6("2001:db8:c::1"), prefixes: [prefix("192.0.2.0/24")] }] };
    for (const wanted of [named, domain(), named]) host.want(wanted);
    expect(host.plane.writes).toEqual([]);
    expect(host.want(domain()).removalDueMs).toBe(host.nowMs + GRACES_MS.delete_sender);
  });

  test("a name whose servers fail is installed and says so", () => {
    const stale = found({ addresses: [ipv6("2001:db8:d::1")], stale: "no answer" });
    const host = new ReconciledHost(new MemoryDataPlane(), memoryEnvironment({ addressesOf: () => stale }));
    const wanted = policy("video", [a], { match: { destinations: [], dnsNames: ["cdn.example"] } });
    expect(host.reasons(host.want(a, wanted))).toMatchObject({ "policy/video/h": "installed dns_stale" });
    expect([...host.plane.destinations().keys()]).toEqual(["2001:db8:d::1/128"]);
  });

  test("a kernel that cannot tell programs refuses a match of one", () => {
    const host = new ReconciledHost();
    host.plane.features = { ...host.plane.features, executables: false };
    const wanted = policy("video", [a], { match: { executable: "/usr/bin/ffmpeg" } });
    expect(host.reasons(host.want(a, wanted))).toMatchObject({ "policy/video/h": "rejected unsupported_mode" });
  });
});
