import { main } from "../main";

/** What a command line did. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process. Not for concurrent use: it listens in on the standard streams. */
export async function runMain(...args: string[]): Promise<Outcome> {
  const written = { stdout: "", stderr: "" };
  const restore = [listenIn("stdout"), listenIn("stderr")];
  const exitCode = process.exitCode;
  try {
    return { code: await main(args), ...written };
  } finally {
    process.exitCode = exitCode;
    for (const each of restore) each();
  }

  function listenIn(name: "stdout" | "stderr"): () => void {
    const stream = process[name];
    const write = stream.write.bind(stream);
    stream.write = (chunk: string | Uint8Array) => {
      written[name] += String(chunk);
      return true;
    };
    return () => {
      stream.write = write;
    };
  }
}
