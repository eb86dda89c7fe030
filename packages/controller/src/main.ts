import { SextantError } from "@sextant/model";
import { type MetricsServer, serveMetrics } from "@sextant/metrics";
import pino from "pino";
import { type ControllerOptions, parseConfig } from "./config";
import { serve } from "./edge/serve";
import { ControllerInstruments } from "./metrics/controller-instruments";
import { controllerSources } from "./metrics/controller-sources";
import { loadCatalog } from "./pipeline/catalog";
import { Controller } from "./runtime/controller";
import { openStore } from "./store/open-store";
import { CONTROLLER_VERSION } from "./version";

/** A controller that serves. */
export interface RunningController {
  /** Where it listens, as clients write it: `127.0.0.1:7443`, `unix:/run/sextant.sock`. */
  readonly addresses: readonly string[];
  /** Where metrics are served, as clients write it; undefined when they are not. */
  readonly metricsAddress: string | undefined;
  /** Counts the starts of controllers on this store. */
  readonly term: bigint;
  /** Ends all sessions and gives the store back. Hosts keep forwarding. */
  close(): Promise<void>;
}

/**
 * Opens the store, takes a new term, computes every intent and serves. Throws SextantError `invalid_argument`, `port_in_use`,
 * `permission_denied`, `store_locked`, `store_corrupt`, `store_full`, `invalid_document` or `unavailable`; then nothing is left running.
 */
export async function runController(options: ControllerOptions): Promise<RunningController> {
  const config = parseConfig(options);
  const log = pino({ level: config.logLevel, base: null }, pino.destination({ fd: 2, sync: true }));
  const store = await openStore(config.store);
  let metrics: MetricsServer | undefined;
  try {
    const catalog = loadCatalog(await store.load(), store.description);
    const term = await store.nextTerm(config.minTerm);
    const { settings, maxSessions } = config;
    const nowMs = () => Date.now();
    const instruments = config.metrics && new ControllerInstruments();
    const measured = instruments && { instruments };
    const controller = new Controller({ store, catalog, term, settings, maxSessions, log, nowMs, ...measured });
    await controller.begin();
    if (config.metrics !== undefined && instruments !== undefined) {
      const sources = () => controllerSources({ controller, instruments, maxSessions });
      metrics = await serveMetrics(config.metrics, { sources, registry: instruments.registry });
    }
    const { listen, tls, maxWatchers, maxResources } = config;
    const serving = await serve(controller, {
      listen,
      tls,
      maxWatchers,
      maxResources,
      controllerVersion: CONTROLLER_VERSION,
      log,
    });
    // Reports grow old without any event: readers are to see that too.
    const ticker = setInterval(() => controller.tick(), settings.reportIntervalMs);
    const { addresses } = serving;
    const metricsAddress = metrics?.address;
    log.info({ term: String(term), addresses, metricsAddress, store: store.description }, "controller serves");
    return {
      addresses,
      metricsAddress,
      term,
      close: async () => {
        clearInterval(ticker);
        controller.close();
        await serving.close();
        await metrics?.close();
        await store.close();
        log.info({ term: String(term) }, "controller stopped");
      },
    };
  } catch (error) {
    await metrics?.close();
    await store.close();
    throw SextantError.from(error);
  }
}
