import type { HostHealth } from "../pipeline/judge";
import type { Controller } from "../runtime/controller";
import { observeHost } from "../runtime/observe-host";

/** What there is to read of hosts. */
export type Hosts = Pick<Controller, "hosts" | "settings" | "nowMs">;

/**
 * Hosts whose last report is not too old: of the others nobody knows how they are, so nothing is said. The hosts are those of
 * the moment of asking, each once, whatever happens while the rows are read.
 */
export function* freshHealth(controller: Hosts): Iterable<{ readonly host: string; readonly health: HostHealth }> {
  for (const host of [...controller.hosts.values()]) {
    const { health, stale } = observeHost(host, controller.settings, controller.nowMs);
    if (health !== undefined && !stale) yield { host: host.name, health };
  }
}
