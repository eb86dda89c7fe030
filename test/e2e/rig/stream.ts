import type { UdpStream, UdpStreamResult } from "@sextant/lab";
import type { Rig } from "./rig";

/** Who sends to whom, from which cgroup. */
interface Flow {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly cgroup?: string;
}

/** A packet per millisecond while things happen. */
export class Stream {
  private constructor(private readonly stream: UdpStream) {}

  static async start(rig: Rig, flow: Flow, seconds: number): Promise<Stream> {
    return new Stream(await rig.lab.startUdpStream({ ...flow, seconds }));
  }

  /**
   * What became of it, once it has ended. Throws when it ended before it was asked for: then it was not there for all of what
   * it is to prove.
   */
  async outlasting(): Promise<UdpStreamResult> {
    const askedUs = Number(process.hrtime.bigint()) / 1_000;
    const result = await this.stream.result;
    const endedUs = result.sendTimesUs.at(-1) ?? 0;
    if (endedUs < askedUs) throw new Error(`the stream ended ${(askedUs - endedUs) / 1_000} ms too early`);
    return result;
  }
}
