import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually";
import type { Namespaces } from "./namespaces";

/** A real name server (dnsmasq) in a namespace, which knows only the addresses that it is given. */
export class NameServer {
  readonly address = "127.0.0.1:5353";
  readonly #directory = mkdtempSync(join(tmpdir(), "sextant-dns-"));
  readonly #hosts = join(this.#directory, "hosts");
  #child: ChildProcess | undefined;

  constructor(
    private readonly namespaces: Namespaces,
    private readonly namespace: string,
    /** Seconds. */
    private readonly ttl: number,
  ) {
    this.know({});
  }

  /** Sets what it knows, from its next start or `reload` on: addresses by name. */
  know(names: Readonly<Record<string, readonly string[]>>): void {
    const lines = Object.entries(names).flatMap(([name, addresses]) =>
      addresses.map((address) => `${address} ${name}`),
    );
    writeFileSync(this.#hosts, `${lines.join("\n")}\n`);
    this.#child?.kill("SIGHUP");
  }

  /** Starts, and answers when it resolves. */
  async start(): Promise<void> {
    this.#child = this.namespaces.spawn(this.namespace, [
      "dnsmasq",
      ...["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file", "--user=root"],
      ...["--port=5353", "--listen-address=127.0.0.1", "--bind-interfaces", "--log-facility=/dev/null"],
      ...[`--addn-hosts=${this.#hosts}`, `--local-ttl=${this.ttl}`, "--local=/example/", "--auth-ttl=1"],
    ]);
    await eventually("the name server listens", () =>
      this.namespaces.run(this.namespace, "ss -Hlun sport = 5353").includes("127.0.0.1"),
    );
  }

  /** Ends it: nobody answers from then on. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    child.kill("SIGKILL");
    await eventually("the name server is gone", () => child.exitCode !== null || child.signalCode !== null);
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
