import { execFileSync } from "node:child_process";

/** What separates the values of a field, and the fields of a packet: nothing that tshark prints has them. */
const BETWEEN_VALUES = "\u001e";
const BETWEEN_FIELDS = "\u001f";
const MAX_OUTPUT_BYTES = 256 << 20;

/** Headers only, each packet by itself; every checksum is computed. Payload is data, whatever its port is famous for. */
const DECODING = [
  ...["ip.check_checksum:TRUE", "udp.check_checksum:TRUE", "tcp.check_checksum:TRUE"],
  ...["ip.defragment:FALSE", "ipv6.defragment:FALSE", "tcp.analyze_sequence_numbers:FALSE"],
].flatMap((option) => ["-o", option]);
const PAYLOAD = ["udp", "tcp"].flatMap((protocol) => ["-d", `${protocol}.port==0-65535,data`]);

/** The values of one packet's fields by name, in the order in which they are in the packet. */
export type Fields<F extends string> = Readonly<Record<F, readonly string[]>>;

/** Has tshark decode a capture file into fields. */
export function tsharkFields<F extends string>(pcapFile: string, names: readonly F[]): Fields<F>[] {
  const output = [
    "-T",
    "fields",
    "-E",
    `separator=${BETWEEN_FIELDS}`,
    "-E",
    "occurrence=a",
    "-E",
    `aggregator=${BETWEEN_VALUES}`,
  ];
  return tshark(pcapFile, [...output, ...names.flatMap((name) => ["-e", name])])
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const columns = line.split(BETWEEN_FIELDS);
      const values = (text = "") => (text === "" ? [] : text.split(BETWEEN_VALUES));
      const fields = {} as Record<F, readonly string[]>;
      names.forEach((name, i) => (fields[name] = values(columns[i])));
      return fields;
    });
}

/** The bytes of each packet's routing headers, in order, as hex: where they begin and end is tshark's word. */
export function routingHeaderBytes(pcapFile: string): string[][] {
  const output = tshark(pcapFile, ["-T", "jsonraw", "-J", "ipv6", "--no-duplicate-keys"]);
  type Packet = { _source: { layers: { ipv6?: unknown } } };
  return (JSON.parse(output) as Packet[]).map(({ _source }) => {
    const layers = [_source.layers.ipv6 ?? []].flat();
    return layers.flatMap((layer) => {
      const raw = (layer as Record<string, unknown>)["ipv6.routing_raw"];
      return Array.isArray(raw) ? [String(raw[0])] : [];
    });
  });
}

function tshark(pcapFile: string, args: readonly string[]): string {
  return execFileSync("tshark", ["-n", "-r", pcapFile, ...DECODING, ...PAYLOAD, ...args], {
    encoding: "utf8",
    maxBuffer: MAX_OUTPUT_BYTES,
    // It warns of being root.
    stdio: ["ignore", "pipe", "ignore"],
  });
}
