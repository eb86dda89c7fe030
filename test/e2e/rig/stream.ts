import type { UdpStream, UdpStreamResult } from "@sextant/lab";
import type { Rig } from "./rig";

/** Nothing takes longer, on a machine that is three times slower than usual either; a stream that gets so old proves nothing. */
const MAX_SECONDS = 150;

/** Who sends to whom, from which cgroup. */
interface Flow {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  /** The receiver's first IPv6 address by default. */
  readonly address?: string;
  readonly cgroup?: string;
}

/** A packet per millisecond while things happen. */
export class Stream {
  private constructor(private readonly stream: UdpStream) {}

  static async start(rig: Rig, flow: Flow): Promise<Stream> {
    return new Stream(await rig.lab.startUdpStream({ ...flow, seconds: MAX_SECONDS }));
  }

  /** Ends it and says what became of it. Throws when it had ended before: then it was not there for all that it is to prove. */
  async end(): Promise<UdpStreamResult> {
    this.stream.stop();
    const result = await this.stream.result;
    if (result.sent >= MAX_SECONDS * 1_000) throw new Error(`the stream ended by itself after ${MAX_SECONDS} s`);
    return result;
  }
}
