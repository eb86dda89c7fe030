import { PROBING_KEY } from "@sextant/model";
import { domain, entries, list, probing } from "../../../../test/support/desired";
import { HeldHost } from "../testing/held-host";
import type { RefusedRate } from "./refused-rates";

const a = list(1);
const FAST: RefusedRate = { askedUs: 1_000, keptUs: 4_210, lists: 12 };

async function probed(): Promise<HeldHost> {
  const host = new HeldHost();
  await host.install(entries(a, probing([a], { intervalUs: 1_000 }), domain()).values(), [], true);
  return host;
}

test("a rate that is refused is said once, with what was asked and what is kept, and again when it is kept", async () => {
  const host = await probed();
  host.keeper.refuseRates([FAST]);
  expect(await host.tick()).toMatchObject([
    {
      key: PROBING_KEY,
      status: "installed",
      reason: "probe_rate_refused",
      message: "this host cannot probe every 1 ms: 12 lists every 4.2 ms instead",
    },
  ]);
  expect(await host.tick()).toEqual([]);
  host.keeper.refuseRates([]);
  expect(await host.tick()).toMatchObject([{ key: PROBING_KEY, status: "installed", reason: "", message: "" }]);
});

test("another rate that is kept instead is said too; several are said together", async () => {
  const host = await probed();
  host.keeper.refuseRates([FAST]);
  await host.tick();
  host.keeper.refuseRates([
    { ...FAST, keptUs: 8_000 },
    { askedUs: 2_000, keptUs: 5_000, lists: 1 },
  ]);
  const [said] = await host.tick();
  expect(said?.message).toBe(
    "this host cannot probe every 1 ms: 12 lists every 8 ms instead; this host cannot probe every 2 ms: 1 list every 5 ms instead",
  );
});

test("every acknowledgement names it while it lasts, so that a new session hears of it", async () => {
  const host = await probed();
  host.keeper.refuseRates([FAST]);
  await host.tick();
  const acknowledged = await host.install([]);
  expect(acknowledged.map(({ key, reason }) => [key, reason])).toEqual([[PROBING_KEY, "probe_rate_refused"]]);
});

test("without the entry there is nothing to say it of: the agent's log tells", async () => {
  const host = new HeldHost();
  await host.install(entries(a, domain()).values(), [], true);
  host.keeper.refuseRates([FAST]);
  expect(await host.tick()).toEqual([]);
});
