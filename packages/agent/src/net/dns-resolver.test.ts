import { type IpAddress, ipv6 } from "@sextant/model";
import { eventually } from "../../../../test/support/eventually";
import type { DnsAnswer, DnsFamily } from "./dns-query";
import { DnsResolver, type RememberedName } from "./dns-resolver";

const FIRST = ipv6("2001:db8::1");
const SECOND = ipv6("2001:db8::2");
const FOURTH = "192.0.2.4" as IpAddress;
const good = (...addresses: IpAddress[]): DnsAnswer => ({ kind: "addresses", addresses, ttlMs: 1_000 });
const none: DnsAnswer = { kind: "none" };
const failed: DnsAnswer = { kind: "failed", detail: "ESERVFAIL" };

/** A resolver whose answers come from a script, round by round; the last one stays. Time is the test's own. */
class Script {
  nowMs = 0;
  asked = 0;
  changes = 0;
  readonly resolver: DnsResolver;

  constructor(readonly rounds: Record<DnsFamily, DnsAnswer>[]) {
    const query = (_: string, family: DnsFamily) => {
      if (family === "A") this.asked++;
      const round = this.rounds[Math.min(this.asked, this.rounds.length) - 1];
      return Promise.resolve(round?.[family] ?? none);
    };
    const onChange = () => {
      this.changes++;
    };
    this.resolver = new DnsResolver({ query, nowMs: () => this.nowMs, random: () => 0.5, onChange });
  }

  /** Goes through all rounds, each when it is due. */
  async run(name = "a.example"): Promise<unknown> {
    for (let round = 1; round <= this.rounds.length; round++) {
      this.nowMs += 60_000;
      this.resolver.want([name]);
      await eventually(`round ${round}`, () => this.asked >= round);
      await new Promise(setImmediate);
    }
    const looked = this.resolver.addressesOf(name);
    this.resolver.close();
    return looked.kind === "found" ? { ...looked.value, stale: looked.value.stale !== undefined } : looked.reason;
  }
}

test.each<[string, [DnsAnswer, DnsAnswer][], unknown]>([
  ["both families", [[good(FOURTH), good(FIRST)]], { addresses: [FOURTH, FIRST], stale: false }],
  ["one family", [[none, good(FIRST)]], { addresses: [FIRST], stale: false }],
  ["no such name", [[none, none]], "dns_unresolved"],
  ["no server", [[failed, failed]], "dns_unresolved"],
  [
    "a new address",
    [
      [none, good(FIRST)],
      [none, good(SECOND)],
    ],
    { addresses: [SECOND], stale: false },
  ],
  [
    "a server that fails later",
    [
      [none, good(FIRST)],
      [failed, failed],
    ],
    { addresses: [FIRST], stale: true },
  ],
  [
    "a server that is back",
    [
      [none, good(FIRST)],
      [failed, failed],
      [none, good(SECOND)],
    ],
    { addresses: [SECOND], stale: false },
  ],
  [
    "a name that is withdrawn",
    [
      [none, good(FIRST)],
      [none, none],
    ],
    "dns_unresolved",
  ],
  [
    "one family that fails does not hold up the other",
    [
      [good(FOURTH), good(FIRST)],
      [failed, good(SECOND)],
    ],
    { addresses: [FOURTH, SECOND], stale: true },
  ],
])("%s", async (_, rounds, expected) => {
  expect(await new Script(rounds.map(([A, AAAA]) => ({ A, AAAA }))).run()).toEqual(expected);
});

test("of very many addresses the lowest 64 are used", async () => {
  const many = Array.from({ length: 100 }, (_, i) => `192.0.2.${100 + i}` as IpAddress);
  const result = (await new Script([{ A: good(...many), AAAA: none }]).run()) as { addresses: IpAddress[] };
  expect(result.addresses).toEqual(many.slice(0, 64));
});

test("what is remembered is used, as stale, while nobody answers", async () => {
  const remembered: RememberedName[] = [{ name: "a.example", addresses: [FIRST] }];
  const script = new Script([{ A: failed, AAAA: failed }]);
  script.resolver.restore(remembered);
  expect(await script.run()).toEqual({ addresses: [FIRST], stale: true });
  expect(script.resolver.remembered).toEqual(remembered);
});

test("names beyond the bound wait", () => {
  const { resolver } = new Script([{ A: none, AAAA: none }]);
  resolver.want(Array.from({ length: 1_025 }, (_, i) => `${i}.example`));
  expect(resolver.addressesOf("1024.example")).toMatchObject({ kind: "missing", reason: "dns_unresolved" });
  resolver.close();
});

test("an answer that is the same again is no change", async () => {
  const same = { A: none, AAAA: good(FIRST) };
  const script = new Script([same, same, same]);
  await script.run();
  expect(script.changes).toBe(1);
});
