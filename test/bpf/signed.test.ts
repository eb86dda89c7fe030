import { hostPrefix, ipv6, ipv6Prefix, type Sid, type SigningKey } from "@sextant/model";
import { headerBytes } from "../../packages/agent/src/reconcile/header-bytes";
import { eventually } from "../support/eventually";
import { ADDRESS_A, ADDRESS_B, LiveNetwork, SID_R } from "./live-network";
import { destinationOf, listOf, policyOf, ruleOf } from "./map-samples";

const DECAPSULATION = ipv6("2001:db8:ffff:b:ff46::") as Sid;
const KEYS = { 7: "seven is a secret", 8: "eight as well" } as const;
const PING = `ping -6 -n -q -c 2 -i 0.05 -W 1 ${ADDRESS_B} || true`;

let network: LiveNetwork;

beforeAll(() => {
  network = LiveNetwork.up();
  const { r, b, namespaces } = network;
  namespaces.run(r, `ip -6 route add ${DECAPSULATION}/128 via 2001:db8:b::1`);
  for (const [id, secret] of Object.entries(KEYS)) {
    namespaces.run(r, `printf '%s\\n' '${secret}' | ip sr hmac set ${id} sha256 2>/dev/null`);
  }
  namespaces.run(r, "sysctl -qw net.ipv6.conf.ra.seg6_require_hmac=1");
  const config = b.plane.config();
  if (config === undefined) throw new Error("host b is not configured");
  b.plane.setConfig({ ...config, decapsulationSid: DECAPSULATION });
  b.plane.addSender({ sender: ADDRESS_A, inner: ipv6Prefix("2001:db8:a::/48") });
});

afterAll(() => network.down());

/** Has host a steer to host b on a list through the router. */
function steer(signingKey: SigningKey | undefined, encapsulation: "encap" | "encap-full"): void {
  const { plane, ifindexes } = network.a;
  const segments = [SID_R, DECAPSULATION];
  plane.putList(1n, {
    ...listOf(1),
    ...headerBytes({ encapsulation, segments, source: ADDRESS_A, signingKey }),
    encapsulation: "encap",
    nextHop: { ifindex: ifindexes[0] ?? 0, gateway: ipv6("2001:db8:a::ff") },
  });
  plane.putPolicy(1n, { ...policyOf(1n), onNoPath: "drop" });
  plane.putDestination(hostPrefix(ADDRESS_B), destinationOf(ruleOf(1n)));
}

const key = (id: number, secret: string): SigningKey => ({ id, secret: Buffer.from(secret) });

describe.each(["encap", "encap-full"] as const)("a router that asks for signatures, %s", (encapsulation) => {
  test.each<[string, SigningKey | undefined, string]>([
    ["a right one is let through", key(7, KEYS[7]), "2 received"],
    ["another key's is, too: both are there while keys change", key(8, KEYS[8]), "2 received"],
    ["none is dropped", undefined, "0 received"],
    ["a wrong secret is dropped", key(7, "another secret"), "0 received"],
    ["an unknown key is dropped", key(9, KEYS[7]), "0 received"],
  ])("%s", (_sentence, signingKey, expected) => {
    steer(signingKey, encapsulation);
    expect(network.namespaces.run(network.a.namespace, PING)).toContain(expected);
  });
});

test("no packet is lost while the key changes, there and back", async () => {
  const [seven, eight] = [key(7, KEYS[7]), key(8, KEYS[8])];
  steer(seven, "encap");
  const ping = network.namespaces.spawn(network.a.namespace, ["ping", "-6nq", "-c", "500", "-i", "0.002", ADDRESS_B]);
  let output = "";
  ping.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  let changes = 0;
  await eventually("ping has ended", () => {
    steer(changes % 2 === 0 ? eight : seven, "encap");
    changes += 1;
    return output.includes("received");
  });
  expect(output).toContain("500 received, 0% packet loss");
  expect(changes).toBeGreaterThan(3);
});
