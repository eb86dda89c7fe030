import { type IpRow, ipRows, numberField, textField } from "./ip-command";

/** A network interface of this host's namespace. */
export interface Link {
  readonly name: string;
  readonly ifindex: number;
  readonly mtuBytes: number;
  /** Administratively up and, where the driver tells, with carrier. */
  readonly up: boolean;
}

/** All interfaces by name. */
export async function readLinks(): Promise<ReadonlyMap<string, Link>> {
  const links = (await ipRows(["link", "show"])).flatMap((row) => linkFromRow(row) ?? []);
  return new Map(links.map((link) => [link.name, link]));
}

function linkFromRow(row: IpRow): Link | undefined {
  const name = textField(row, "ifname");
  const ifindex = numberField(row, "ifindex");
  const mtuBytes = numberField(row, "mtu");
  if (name === undefined || ifindex === undefined || mtuBytes === undefined) return undefined;
  const flags = Array.isArray(row["flags"]) ? row["flags"] : [];
  return { name, ifindex, mtuBytes, up: flags.includes("UP") && !flags.includes("NO-CARRIER") };
}
