import { kernelKeyOf } from "@sextant/model";
import { pino } from "pino";
import { domain, entries, list, probing } from "../../../test/support/desired";
import type { ProbedList } from "./net/prober";
import { SigningKeys } from "./net/signing-keys";
import { Probing } from "./probing";
import { HeldHost } from "./testing/held-host";

const a = list(1);
const DAY_MS = 86_400_000;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** One list whose probes come back while `answers`; time passes with timers, and by what rounds take. */
class ProbedHost {
  answers = true;
  /** What a round takes: a host that is busy. */
  roundMs = 0;
  readonly said: string[] = [];
  readonly #host = new HeldHost();
  readonly #startMs = performance.now();
  #spentMs = 0;
  #intervalsUs: readonly number[] = [];
  #sent = 0n;
  #returned = 0n;
  readonly probing = new Probing({
    plane: this.#host.plane,
    keeper: this.#host.keeper,
    prober: this.#prober(),
    keys: new SigningKeys(undefined),
    log: pino({ level: "silent" }),
    nowMs: () => this.#nowMs(),
    random: () => 0,
    onTransitions: (transitions) => {
      for (const { from, to, reason } of transitions)
        this.said.push(`${Math.round(this.#nowMs())} ${from} ${to} ${reason}`.trim());
    },
  });

  static async probed(intervalMs: number): Promise<ProbedHost> {
    const probed = new ProbedHost();
    const wanted = entries(a, probing([a], { intervalUs: intervalMs * 1_000 }), domain());
    await probed.#host.install(wanted.values(), [], true);
    probed.probing.run();
    return probed;
  }

  get sent(): bigint {
    return this.#sent;
  }

  #nowMs(): number {
    return performance.now() - this.#startMs + this.#spentMs;
  }

  #prober() {
    const probe = (lists: readonly ProbedList[]) => {
      this.#intervalsUs = [...new Set(lists.map(({ intervalUs }) => intervalUs))];
    };
    const intervalsUs = () => this.#intervalsUs;
    return {
      probe,
      use: () => undefined,
      get intervalsUs() {
        return intervalsUs();
      },
      round: () => this.#round(),
    };
  }

  #round(): ReadonlySet<string> {
    this.#spentMs += this.roundMs;
    this.#sent++;
    if (this.answers) this.#returned = this.#sent;
    const counters = { sent: this.#sent, returned: this.#returned, returnedCount: this.#returned };
    this.#host.plane.observed(kernelKeyOf(a.key), counters);
    return new Set();
  }
}

/** A list that lives, dies, comes back and is held up, with the wall clock moved by so much at several points. */
async function lifeWithSteps(...stepsMs: number[]) {
  const probed = await ProbedHost.probed(10);
  const step = () => {
    jest.setSystemTime(Date.now() + (stepsMs.shift() ?? 0));
  };
  jest.advanceTimersByTime(500);
  step();
  jest.advanceTimersByTime(500);
  probed.answers = false;
  jest.advanceTimersByTime(20);
  step();
  jest.advanceTimersByTime(200);
  probed.answers = true;
  jest.advanceTimersByTime(50);
  step();
  jest.advanceTimersByTime(1_000);
  probed.probing.stop();
  return { said: probed.said, sent: probed.sent };
}

test.each([
  ["back", [-DAY_MS, -DAY_MS, -DAY_MS]],
  ["forward", [DAY_MS, DAY_MS, DAY_MS]],
  ["there and back", [DAY_MS, -2 * DAY_MS, DAY_MS]],
])("a wall clock that steps %s by days changes no judgement, and when no probe leaves", async (_, stepsMs) => {
  const still = await lifeWithSteps();
  expect(still.said.map((line) => line.replace(/^\d+ /, ""))).toEqual([
    "unproven alive",
    "alive dead probes_missing",
    "dead alive hold_up",
    "alive alive",
  ]);
  expect(await lifeWithSteps(...stepsMs)).toEqual(still);
});

test("a rate that the host cannot keep is named with the one that it can and the lists that share it, until it can", async () => {
  const probed = await ProbedHost.probed(1);
  jest.advanceTimersByTime(2_000);
  expect([probed.probing.refusedRates, probed.probing.intervalUs(a.key)]).toEqual([[], 1_000]);
  probed.roundMs = 4;
  jest.advanceTimersByTime(3_000);
  const [refused] = probed.probing.refusedRates;
  expect(refused).toMatchObject({ askedUs: 1_000, lists: 1 });
  expect(refused?.keptUs).toBeGreaterThanOrEqual(4_000);
  expect(probed.probing.intervalUs(a.key)).toBe(refused?.keptUs);
  probed.roundMs = 0;
  jest.advanceTimersByTime(70_000);
  expect([probed.probing.refusedRates, probed.probing.intervalUs(a.key)]).toEqual([[], 1_000]);
  probed.probing.stop();
});
