/** What the kernel says about an interface. */
export interface InterfaceState {
  /** Administratively up. */
  readonly up: boolean;
  /** Up, and the other end too. */
  readonly carrier: boolean;
}

/** One notification of `ip -o monitor all-nsid link`. */
export interface LinkNotification {
  /** Namespace id, or "current" for the namespace where the monitor runs. */
  readonly nsid: number | "current";
  readonly name: string;
  readonly state: InterfaceState;
}

/** Reads one line of the monitor; undefined for lines that tell nothing about an interface, its removal included. */
export function parseLinkNotification(line: string): LinkNotification | undefined {
  const match = /^\[nsid (\d+|current)\]\s*(Deleted )?\d+: ([^\s:@]+)(?:@[^\s:]+)?: <([^>]*)>/.exec(line);
  const [, nsid, deleted, name, flags] = match ?? [];
  if (nsid === undefined || deleted !== undefined || name === undefined || flags === undefined) return undefined;
  return { nsid: nsid === "current" ? nsid : Number(nsid), name, state: interfaceState(flags.split(",")) };
}

/** The state that flags as `ip` prints them amount to. */
export function interfaceState(flags: readonly string[]): InterfaceState {
  const up = flags.includes("UP");
  return { up, carrier: up && flags.includes("LOWER_UP") && !flags.includes("NO-CARRIER") };
}
