import { type DesiredList, type Ipv6Prefix, SextantError, type Sid } from "@sextant/model";
import type { DataPlane } from "../reconcile/data-plane";
import type { UplinkRoute } from "../reconcile/environment";
import { type Link, readLinks } from "./links";
import { NextHops } from "./next-hops";
import { RouteMonitor } from "./route-monitor";
import { blocksOf, findUplinks } from "./uplinks";

/** Looked at anew after this long even when the monitor saw no change. */
const REFRESH_INTERVAL_MS = 10_000;
/** Smallest MTU of IPv6 (RFC 8200 section 5): a packet of that size must still fit with its segment list. */
const IPV6_MIN_MTU_BYTES = 1_280;
const IPV6_HEADER_BYTES = 40;
const SRH_FIXED_BYTES = 8;
const SEGMENT_BYTES = 16;
const HMAC_TLV_BYTES = 40;

/** Something about the uplinks that an operator may want to know. */
export interface NetworkEvent {
  readonly event:
    | "uplink_attached"
    | "uplink_detached"
    | "uplink_gone"
    | "uplink_missing"
    | "mtu_too_small"
    | "attach_failed";
  readonly uplink: string;
  readonly detail?: string;
}

/** What desired state needs of the network. */
export interface NetworkNeeds {
  /** Tells the domain's block, and with it the uplinks. Undefined while the host knows no domain. */
  readonly nodeSid: Sid | undefined;
  /** Lists that a next hop will be asked for. */
  readonly lists: readonly DesiredList[];
}

export interface HostNetworkOptions {
  readonly plane: Pick<DataPlane, "attached" | "attach" | "detach">;
  /** Names given by the operator; when empty, uplinks are found by their routes. */
  readonly uplinks: readonly string[];
  readonly onEvent: (event: NetworkEvent) => void;
  /** Links or routes changed: reconcile soon. */
  readonly onChange: () => void;
}

/** The host's interfaces and routes as desired state depends on them, and the programs on its uplinks. */
export class HostNetwork {
  readonly #nextHops = new NextHops();
  readonly #monitor: RouteMonitor;
  /** Found or given names, whether or not the interface exists now. */
  readonly #names: Set<string>;
  /** Blocks whose routes were looked at last. */
  #blocks: ReadonlySet<Ipv6Prefix> = new Set();
  #uplinks: ReadonlyMap<string, Link> = new Map();
  /** Interfaces that carried the programs when last looked at, with their names. */
  readonly #attached = new Map<number, string>();
  readonly #reported = new Map<string, string>();
  #freshUntilMs = 0;

  constructor(private readonly options: HostNetworkOptions) {
    this.#names = new Set(options.uplinks);
    this.#monitor = new RouteMonitor(() => {
      this.#freshUntilMs = 0;
      options.onChange();
    });
  }

  /** Brings uplinks and routes up to date with what desired state needs of them. */
  async refresh({ nodeSid, lists }: NetworkNeeds, nowMs: number): Promise<void> {
    this.#monitor.ensure();
    const firstSegments = [...new Set(lists.flatMap(({ segments }) => segments.slice(0, 1)))];
    const blocks = nodeSid === undefined ? [] : blocksOf([nodeSid, ...firstSegments]);
    const isFresh = nowMs < this.#freshUntilMs && blocks.every((block) => this.#blocks.has(block));
    if (!isFresh || (this.#names.size === 0 && nodeSid !== undefined)) {
      this.#freshUntilMs = nowMs + REFRESH_INTERVAL_MS;
      this.#nextHops.invalidate();
      const links = await readLinks();
      await this.#findUplinks(blocks);
      this.#attach(links);
    }
    this.#checkMtu(lists.reduce((most, list) => Math.max(most, headerBytesAtMost(list)), 0));
    await this.#nextHops.prepare(firstSegments);
  }

  /** Flexible algorithms have blocks of their own, and may leave by uplinks that nothing else leaves by. */
  async #findUplinks(blocks: readonly Ipv6Prefix[]): Promise<void> {
    this.#blocks = new Set(blocks);
    if (this.options.uplinks.length > 0) return;
    for (const block of blocks) for (const name of await findUplinks(block)) this.#names.add(name);
  }

  /** Where packets to a segment leave, as of the last refresh. Undefined while no uplink has a route to it. */
  routeTo(segment: Sid): UplinkRoute | undefined {
    return this.#nextHops.get(segment, this.#uplinks);
  }

  /** Name of an uplink, also of one that is gone since. */
  nameOf(ifindex: number): string {
    return this.#attached.get(ifindex) ?? `interface ${ifindex}`;
  }

  /** Ends the monitor; programs stay where they are. */
  close(): void {
    this.#monitor.close();
  }

  /**
   * Programs go on every uplink that exists, and leave interfaces that the operator no longer names. An uplink that was
   * found by its routes keeps them when the routes go: they come back with the link, and the guard should be there first.
   */
  #attach(links: ReadonlyMap<string, Link>): void {
    const { plane } = this.options;
    const present = [...this.#names].flatMap((name) => links.get(name) ?? []);
    this.#uplinks = new Map(present.map((link) => [link.name, link]));
    for (const name of this.#names)
      this.#report("uplink_missing", name, links.has(name) ? undefined : "no such interface");
    const attached = new Set(plane.attached().map(({ ifindex }) => ifindex));
    for (const link of present) if (!attached.has(link.ifindex)) this.#attachOne(link);
    const names = new Map([...links.values()].map((link) => [link.ifindex, link.name]));
    for (const ifindex of attached) {
      const name = names.get(ifindex);
      this.#attached.set(ifindex, name ?? this.#attached.get(ifindex) ?? `interface ${ifindex}`);
    }
    for (const [ifindex, name] of this.#attached) {
      if (!names.has(ifindex)) this.#detach(ifindex, { event: "uplink_gone", uplink: name });
      else if (!this.#names.has(name) && this.options.uplinks.length > 0) {
        this.#detach(ifindex, { event: "uplink_detached", uplink: name });
      }
    }
  }

  #attachOne(link: Link): void {
    const { plane, onEvent } = this.options;
    try {
      plane.attach(link.ifindex);
      this.#attached.set(link.ifindex, link.name);
      onEvent({ event: "uplink_attached", uplink: link.name });
    } catch (thrown) {
      onEvent({ event: "attach_failed", uplink: link.name, detail: SextantError.from(thrown).message });
    }
  }

  #detach(ifindex: number, event: NetworkEvent): void {
    this.options.plane.detach(ifindex);
    this.#attached.delete(ifindex);
    this.options.onEvent(event);
  }

  #checkMtu(longestHeaderBytes: number): void {
    for (const link of this.#uplinks.values()) {
      this.#report("mtu_too_small", link.name, mtuShortfall(link.mtuBytes, longestHeaderBytes));
    }
  }

  /** Tells a lasting condition of an uplink when it begins or is another; no detail means that all is well. */
  #report(event: NetworkEvent["event"], uplink: string, detail: string | undefined): void {
    const condition = `${event} ${uplink}`;
    if (detail !== undefined && this.#reported.get(condition) !== detail)
      this.options.onEvent({ event, uplink, detail });
    if (detail === undefined) this.#reported.delete(condition);
    else this.#reported.set(condition, detail);
  }
}

/** Bytes that a list adds to a packet, or a few more. */
export function headerBytesAtMost({ encapsulation, segments, signingKeyId }: DesiredList): number {
  const signature = signingKeyId === undefined ? 0 : HMAC_TLV_BYTES;
  if (encapsulation === "insert") return SRH_FIXED_BYTES + SEGMENT_BYTES * (segments.length + 1);
  return IPV6_HEADER_BYTES + SRH_FIXED_BYTES + SEGMENT_BYTES * segments.length + signature;
}

/** What is wrong with an MTU that cannot carry a minimal packet with the longest header; undefined when it can. */
export function mtuShortfall(mtuBytes: number, headerBytes: number): string | undefined {
  const needed = IPV6_MIN_MTU_BYTES + headerBytes;
  if (mtuBytes >= needed) return undefined;
  return `MTU ${mtuBytes}: a packet of ${IPV6_MIN_MTU_BYTES} bytes with a header of ${headerBytes} needs ${needed}`;
}
