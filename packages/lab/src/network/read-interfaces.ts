import { command } from "../kernel/command";
import { type InterfaceState, interfaceState } from "../igp/interface-state";

interface IpLink {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly stats64?: {
    readonly rx: { readonly packets: number; readonly bytes: number };
    readonly tx: { readonly packets: number; readonly bytes: number };
  };
}

/** Packets and bytes that an interface has seen since the lab is up. */
export interface InterfaceCounters {
  readonly rxPackets: number;
  readonly rxBytes: number;
  readonly txPackets: number;
  readonly txBytes: number;
}

/** State and counters of every interface in a namespace, by name. */
export async function readInterfaces(
  namespace: string,
): Promise<ReadonlyMap<string, InterfaceState & { readonly counters: InterfaceCounters }>> {
  const links = JSON.parse(await command("ip", ["-n", namespace, "-s", "-json", "link"])) as IpLink[];
  return new Map(
    links.map(({ ifname, flags, stats64 }) => {
      const counters = {
        rxPackets: stats64?.rx.packets ?? 0,
        rxBytes: stats64?.rx.bytes ?? 0,
        txPackets: stats64?.tx.packets ?? 0,
        txBytes: stats64?.tx.bytes ?? 0,
      };
      return [ifname, { ...interfaceState(flags), counters }];
    }),
  );
}
