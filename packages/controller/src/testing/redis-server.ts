import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../../../test/support/eventually";

/** A real Redis server on a unix socket, with a directory of its own. */
export class RedisServer {
  readonly dir = mkdtempSync(join(tmpdir(), "sextant-redis-"));
  readonly url = `redis+unix://${join(this.dir, "socket")}`;
  #process: ChildProcess | undefined;

  /** Starts it; what it acknowledged in an earlier run is there again. */
  async start(...options: string[]): Promise<void> {
    const socket = join(this.dir, "socket");
    const durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
    const args = ["--port", "0", "--unixsocket", socket, "--dir", this.dir, ...durable, ...options];
    this.#process = spawn("redis-server", args, { stdio: "ignore" });
    await eventually("Redis answers", () => isAnswered(socket));
  }

  /** SIGKILL, as the kernel or a power cut would. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined) return;
    const gone = new Promise((done) => running.once("exit", done));
    running.kill("SIGKILL");
    await gone;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("error", () => resolve(false));
    socket.once("data", (reply) => {
      socket.destroy();
      // Any reply but -LOADING will do, also a demand for a password.
      resolve(!reply.toString().startsWith("-LOADING"));
    });
    socket.once("connect", () => socket.write("PING\r\n"));
  });
}
