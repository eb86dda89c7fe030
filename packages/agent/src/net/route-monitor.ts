import { type ChildProcess, spawn } from "node:child_process";

/** A burst of changes (an interface going down takes its routes along) is one call. */
const SETTLE_MS = 50;

/**
 * Calls back soon after links or routes change, by listening to `ip monitor`. It only saves time: whoever depends on it
 * also looks now and then, so a monitor that could not start, or died, costs a delay and is started again by `ensure`.
 */
export class RouteMonitor {
  #child: ChildProcess | undefined;
  #settling: NodeJS.Timeout | undefined;

  constructor(private readonly onChange: () => void) {}

  /** Starts the monitor unless it runs. */
  ensure(): void {
    if (this.#child !== undefined) return;
    const child = spawn("ip", ["monitor", "link", "route"], { stdio: ["ignore", "pipe", "ignore"] });
    const ended = () => {
      if (this.#child === child) this.#child = undefined;
    };
    child.on("error", ended).on("exit", ended);
    child.stdout.on("data", () => this.#changed());
    this.#child = child;
  }

  /** Ends the child process. */
  close(): void {
    clearTimeout(this.#settling);
    const child = this.#child;
    this.#child = undefined;
    child?.kill("SIGTERM");
  }

  #changed(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      this.onChange();
    }, SETTLE_MS);
  }
}
