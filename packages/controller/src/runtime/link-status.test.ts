import type { LinkHealthView } from "../liveness/link-health-view";
import { linkHealthStatus } from "./link-status";

const AT_MS = Date.parse("2026-01-01T00:00:00Z");

test("links in the order of their names, times as text, what is not known left out", () => {
  const down: LinkHealthView = {
    state: "down",
    suspicion: 1,
    from: ["b"],
    sinceMs: AT_MS,
    trustedAtMs: undefined,
    message: "seen by h1 and h2",
  };
  const probation: LinkHealthView = { ...down, state: "probation", trustedAtMs: AT_MS + 5_000 };
  const status = linkHealthStatus(
    new Map([
      ["s-e", down],
      ["n-e", probation],
    ]),
  );
  const since = "2026-01-01T00:00:00.000Z";
  const common = { suspicion: 1, from: ["b"], since, message: "seen by h1 and h2" };
  expect(status).toEqual([
    { name: "n-e", state: "probation", trustedAt: "2026-01-01T00:00:05.000Z", ...common },
    { name: "s-e", state: "down", ...common },
  ]);
});

test("nothing to say of links that are up", () => {
  expect(linkHealthStatus(new Map())).toEqual([]);
});
