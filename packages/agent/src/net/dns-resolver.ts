import { type IpAddress, isIpv4 } from "@sextant/model";
import { found, type Looked, missing, type ResolvedName } from "../reconcile/environment";
import type { DnsAnswer, DnsFamily, DnsQuery } from "./dns-query";

/** Names kept; more wait. */
const MAX_NAMES = 1_024;
/** Addresses used of one name, the lowest as text. */
const MAX_ADDRESSES = 64;
const MAX_QUERIES_UNDER_WAY = 16;
/** Answers are renewed no sooner and no later than this, whatever their time to live. */
const MIN_TTL_MS = 1_000;
const MAX_TTL_MS = 3_600_000;
/** Asked again after a failure: from, doubling, to. An answer that there is none is asked again after the longest. */
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** Share of the time to live after which a name is asked again, so that the new answer is there before the old one expires. */
const RENEW_AFTER = 0.8;
/** Renewals are spread over this share of the time to live. */
const RENEW_JITTER = 0.1;

/** A name with its last good addresses, as it is kept on disk. */
export interface RememberedName {
  readonly name: string;
  readonly addresses: readonly IpAddress[];
}

interface Known {
  /** Undefined until the first answer. */
  resolved: ResolvedName | undefined;
  /** The last good ones per family, so that one that fails does not take the other along. */
  readonly addresses: Map<DnsFamily, readonly IpAddress[]>;
  problem: string;
  failures: number;
  dueMs: number;
}

export interface DnsResolverOptions {
  readonly query: DnsQuery;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** The addresses of a name, or its state, are others now. */
  readonly onChange: () => void;
}

/**
 * Addresses of the names that desired state uses, asked for by the agent itself and renewed before they expire. Nobody waits
 * for an answer. When no server answers, the last good addresses stay, and say that they are stale.
 */
export class DnsResolver {
  readonly #names = new Map<string, Known>();
  readonly #remembered = new Map<string, readonly IpAddress[]>();
  #timer: NodeJS.Timeout | undefined;
  #underWay = 0;
  #closed = false;

  constructor(private readonly options: DnsResolverOptions) {}

  /** Sets the names to keep; others are forgotten. Those beyond the bound wait. */
  want(names: Iterable<string>): void {
    const wanted = new Set([...new Set(names)].slice(0, MAX_NAMES));
    for (const name of this.#names.keys()) if (!wanted.has(name)) this.#names.delete(name);
    for (const name of wanted) if (!this.#names.has(name)) this.#names.set(name, this.#fresh(name));
    this.#work();
  }

  /** As of now. Never waits. */
  addressesOf(name: string): Looked<ResolvedName> {
    const known = this.#names.get(name);
    if (known === undefined) {
      return missing("dns_unresolved", `${name} is one more than the ${MAX_NAMES} names that a host resolves`);
    }
    if (known.resolved === undefined) return missing("dns_unresolved", `${name}: ${known.problem}`);
    return found(known.resolved);
  }

  /** Every name with last good addresses. */
  get remembered(): readonly RememberedName[] {
    return [...this.#names].flatMap(([name, { resolved }]) =>
      resolved === undefined ? [] : [{ name, addresses: resolved.addresses }],
    );
  }

  /** Takes over what an earlier process remembered: used, as stale, until there is an answer. */
  restore(names: readonly RememberedName[]): void {
    for (const { name, addresses } of names) this.#remembered.set(name, addresses);
  }

  /** Asks no more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #fresh(name: string): Known {
    const addresses = this.#remembered.get(name);
    const stale = `${name}: not asked yet, addresses of before the agent's start`;
    return {
      resolved: addresses === undefined ? undefined : { addresses, stale },
      addresses: new Map([
        ["A", (addresses ?? []).filter((address) => isIpv4(address))],
        ["AAAA", (addresses ?? []).filter((address) => !isIpv4(address))],
      ]),
      problem: "not answered yet",
      failures: 0,
      dueMs: this.options.nowMs(),
    };
  }

  /** Asks what is due, as many at a time as may be, and comes back for the next. */
  #work(): void {
    if (this.#closed) return;
    const nowMs = this.options.nowMs();
    let nextMs = Infinity;
    for (const [name, known] of this.#names) {
      if (known.dueMs > nowMs || this.#underWay >= MAX_QUERIES_UNDER_WAY) nextMs = Math.min(nextMs, known.dueMs);
      else void this.#renew(name, known);
    }
    clearTimeout(this.#timer);
    if (nextMs === Infinity || this.#underWay >= MAX_QUERIES_UNDER_WAY) return;
    this.#timer = setTimeout(() => this.#work(), Math.max(1, nextMs - nowMs));
    this.#timer.unref();
  }

  async #renew(name: string, known: Known): Promise<void> {
    known.dueMs = Infinity;
    this.#underWay++;
    const [ipv4, ipv6] = await Promise.all([this.options.query(name, "A"), this.options.query(name, "AAAA")]);
    this.#underWay--;
    const before = JSON.stringify([known.resolved, known.problem]);
    this.#take(name, known, { A: ipv4, AAAA: ipv6 });
    if (this.#names.get(name) === known && before !== JSON.stringify([known.resolved, known.problem])) {
      this.options.onChange();
    }
    this.#work();
  }

  #take(name: string, known: Known, answers: Record<DnsFamily, DnsAnswer>): void {
    const failure = Object.values(answers).find((answer) => answer.kind === "failed");
    for (const family of ["A", "AAAA"] as const) {
      const answer = answers[family];
      if (answer.kind === "addresses") known.addresses.set(family, answer.addresses);
      if (answer.kind === "none") known.addresses.set(family, []);
    }
    known.failures = failure === undefined ? 0 : known.failures + 1;
    known.dueMs = this.options.nowMs() + this.#delayMs(known.failures, Object.values(answers));
    const addresses = [...known.addresses.values()].flat().sort().slice(0, MAX_ADDRESSES);
    if (failure?.kind === "failed") {
      known.problem = `no name server answers (${failure.detail})`;
      const stale = `${name}: ${known.problem}, its last good addresses are used`;
      known.resolved = addresses.length === 0 ? undefined : { addresses, stale };
      return;
    }
    known.problem = "the name server says that it has no address";
    known.resolved = addresses.length === 0 ? undefined : { addresses, stale: undefined };
  }

  #delayMs(failures: number, answers: readonly DnsAnswer[]): number {
    const spread = 1 + RENEW_JITTER * (this.options.random() - 0.5) * 2;
    if (failures > 0) return Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(failures - 1, 10)) * spread;
    const ttls = answers.flatMap((answer) => (answer.kind === "addresses" ? [answer.ttlMs] : []));
    if (ttls.length === 0) return RETRY_MAX_MS * spread;
    return Math.min(MAX_TTL_MS, Math.max(MIN_TTL_MS, Math.min(...ttls))) * RENEW_AFTER * spread;
  }
}
