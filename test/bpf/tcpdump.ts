import { eventually } from "../support/eventually";
import type { Namespaces } from "../support/namespaces";

/** A running capture. */
export interface Capture {
  /** What tcpdump has printed so far, checksums judged. */
  text(): string;
  stop(): void;
}

/** Starts tcpdump, an independent decoder, and waits until it listens. */
export async function capture(
  namespaces: Namespaces,
  namespace: string,
  device: string,
  filter: string,
): Promise<Capture> {
  const command = ["tcpdump", "--immediate-mode", "-l", "-n", "-vv", "-i", device, filter];
  const child = namespaces.spawn(namespace, command, { stderr: "pipe" });
  let output = "";
  let errors = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  await eventually("tcpdump listens", () => errors.includes("listening on"));
  return { text: () => output, stop: () => child.kill() };
}
