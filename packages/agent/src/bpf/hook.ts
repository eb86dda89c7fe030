/** Directions of traffic on an uplink; each has its own program. */
export const DIRECTIONS = ["egress", "ingress"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Where programs sit on a device: tcx links from kernel 6.6, classifiers of the clsact queueing discipline before. */
export type HookKind = "tcx" | "clsact";

/**
 * One way to put the two programs on devices so that they stay when this process ends. Interfaces are those of the calling
 * thread's network namespace.
 */
export interface Hook {
  readonly kind: HookKind;
  /** Interfaces that carry both programs now, whoever put them there; observed, not remembered. */
  attached(): number[];
  /** Interfaces of which pins say that they carry or carried a program. */
  recorded(): number[];
  /** Puts the current programs on an interface in place of older ones; no packet passes without one in between. */
  attach(ifindex: number): void;
  /** Takes the programs off an interface; nothing happens when there are none. */
  detach(ifindex: number): void;
}

/** File descriptors of the loaded programs. */
export type ProgramFds = Readonly<Record<Direction, number>>;

/** Name of the pin that belongs to a direction and an interface. */
export function pinName(direction: Direction, ifindex: number): string {
  return `${direction}_${ifindex}`;
}

/** Interfaces named by pins. */
export function pinnedIfindexes(names: readonly string[]): number[] {
  const found = names.flatMap((name) => /^(?:egress|ingress)_(\d+)$/.exec(name)?.[1] ?? []);
  return [...new Set(found.map(Number))].sort((a, b) => a - b);
}
