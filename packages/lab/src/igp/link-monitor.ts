import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { SextantError } from "@sextant/model";
import { command, ipBatch } from "../kernel/command";
import { type LinkNotification, parseLinkNotification } from "./interface-state";

const READY_MS = 5_000;

interface NamespaceId {
  readonly nsid: number;
  readonly name?: string;
}

/**
 * Loss and return of carrier, from the kernel itself: one `ip monitor` in the wires namespace, which hears every namespace that
 * it has an id for. Notifications carry the whole state, so the last one is the truth; when some were lost (`onLost`), all
 * has to be read anew.
 */
export class LinkMonitor {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts listening and returns once it hears. */
  static async start(
    wires: string,
    namespaces: readonly string[],
    onNotification: (namespace: string, notification: LinkNotification) => void,
    onLost: (reason: string) => void,
  ): Promise<LinkMonitor> {
    const ids = await namespaceIds(wires, namespaces);
    const child = spawn("ip", ["-n", wires, "-o", "monitor", "all-nsid", "link"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let heard: () => void = () => undefined;
    const ready = new Promise<void>((resolve, reject) => {
      heard = resolve;
      setTimeout(() => reject(new SextantError("lab_failed", "ip monitor hears nothing")), READY_MS).unref();
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      heard();
      const notification = parseLinkNotification(line);
      if (notification === undefined) return;
      const namespace = notification.nsid === "current" ? wires : ids.get(notification.nsid);
      if (namespace !== undefined) onNotification(namespace, notification);
    });
    createInterface({ input: child.stderr }).on("line", onLost);
    child.on("exit", (code) => onLost(`ip monitor ended with status ${code ?? "unknown"}`));
    await provoke(wires, ready);
    return new LinkMonitor(child);
  }

  /** Ends the monitor. */
  stop(): void {
    this.child.removeAllListeners("exit");
    this.child.kill("SIGTERM");
  }
}

/** Names by id, as seen from the wires. A namespace has got one when the first cable led into it; the others get theirs here. */
async function namespaceIds(wires: string, namespaces: readonly string[]): Promise<ReadonlyMap<number, string>> {
  const list = async () => {
    const rows = JSON.parse(await command("ip", ["-n", wires, "-json", "netns", "list-id"])) as NamespaceId[];
    return new Map(rows.flatMap(({ nsid, name }) => (name === undefined ? [] : [[nsid, name] as const])));
  };
  const known = new Set((await list()).values());
  await ipBatch(
    wires,
    namespaces.filter((name) => !known.has(name)).map((name) => `netns set ${name} auto`),
  );
  return list();
}

/** The monitor does not say when it listens: change something harmless until it says so. */
async function provoke(wires: string, ready: Promise<void>): Promise<void> {
  for (let heard = false; !heard; ) {
    await command("ip", ["-n", wires, "link", "set", "dev", "lo", "alias", `seen ${performance.now()}`]);
    const pause = new Promise<boolean>((resolve) => setTimeout(resolve, 20, false));
    heard = await Promise.race([ready.then(() => true), pause]);
  }
}
