import type { BandwidthReservation, Intent } from "@sextant/model";
import { type Pair, pairName, pairsOf } from "../compute/endpoints";
import type { TopologySnapshot } from "../topology/snapshot";

/** An intent that reserves bandwidth. */
export type ReservingIntent = Intent & { readonly reservation: BandwidthReservation };

/** One policy's wish for bandwidth. */
export interface Wish {
  readonly id: string;
  readonly intent: ReservingIntent;
  readonly pair: Pair;
  readonly mbps: number;
}

/** How much a policy's traffic was measured to be, in Mbit/s; 0 where nothing is known. */
export type Measured = (intent: string, pair: Pick<Pair, "host" | "endpoint" | "direction">) => number;

/** Whether an intent takes part in admission. */
export function isReserving(intent: Intent): intent is ReservingIntent {
  return intent.reservation !== undefined;
}

/** Names a wish among all. */
export function wishId(intent: string, pair: Pick<Pair, "host" | "endpoint" | "direction">): string {
  return `${intent} ${pairName(pair)}`;
}

/** Every policy's wish, in the order in which they are admitted: who came first, then by name, then as the intent's pairs are. */
export function wishesOf(
  intents: readonly ReservingIntent[],
  snapshot: TopologySnapshot,
  measured: Measured,
): readonly Wish[] {
  const inOrder = [...intents].sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
  return inOrder.flatMap((intent) =>
    pairsOf(intent, snapshot).map((pair): Wish => {
      const { mbps } = intent.reservation;
      const wanted = mbps === "measured" ? measured(intent.name, pair) : mbps;
      return { id: wishId(intent.name, pair), intent, pair, mbps: wanted };
    }),
  );
}
