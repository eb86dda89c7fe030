import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { eventually } from "../../support/eventually";
import { type Rig, said } from "./rig";

/** What is under way when the sender has ended has so long to arrive. */
const DRAIN_MS = 400;
/** Payload when nobody says. */
const BYTES = 100;

/** Sends datagrams with socket options that Node does not know; says what each send came to. */
const SENDER = `
  use Socket qw(:DEFAULT getaddrinfo AI_NUMERICHOST); use Errno;
  my ($to, $port, $count, $bytes, $class, $discover, $source_port, $pause, $ports, $burst, $segment, $options) = @ARGV;
  my ($error, $address) = getaddrinfo($to, $port, {socktype => SOCK_DGRAM, flags => AI_NUMERICHOST});
  die $error if $error;
  my $six = $address->{family} == AF_INET6;
  socket(my $socket, $address->{family}, SOCK_DGRAM, 0) or die "socket: $!";
  my @level = ($six ? 41 : 0);
  setsockopt($socket, $level[0], $six ? 67 : 1, pack("i", $class)) or die "class: $!";
  setsockopt($socket, $level[0], $six ? 23 : 10, pack("i", $discover)) or die "discover: $!" if $discover >= 0;
  setsockopt($socket, 17, 103, pack("i", $segment)) or die "segment: $!" if $segment;
  setsockopt($socket, 41, 54, pack("C8", 0, 0, 1, 4, 0, 0, 0, 0)) or die "options: $!" if $options;
  if ($source_port) {
    bind($socket, $six ? pack_sockaddr_in6($source_port, "\\0" x 16) : pack_sockaddr_in($source_port, INADDR_ANY)) or die "bind: $!";
  }
  my @peers = map { (getaddrinfo($to, $port + $_, {socktype => SOCK_DGRAM, flags => AI_NUMERICHOST}))[1]{addr} } 0..$ports - 1;
  connect($socket, $peers[0]) or die "connect: $!" if $ports == 1;
  my %errors; my $sent = 0;
  for my $number (0..$count - 1) {
    my $done = $ports == 1 ? send($socket, "x" x $bytes, 0) : send($socket, "x" x $bytes, 0, $peers[$number % $ports]);
    if (defined $done) { $sent++ } else { my ($name) = grep { $!{$_} } keys %!; $errors{$name}++ }
    select(undef, undef, undef, $pause) if $pause > 0 && ($number + 1) % $burst == 0;
  }
  print "{\\"sent\\":$sent,\\"errors\\":{" . join(",", map { "\\"$_\\":$errors{$_}" } keys %errors) . "}}";
`;

/** Prints a line for each datagram: its size and who sent it. */
const RECEIVER = `
  const socket = require("node:dgram").createSocket("udp6");
  socket.on("message", (message, { address, port }) => {
    console.log(JSON.stringify({ bytes: message.length, source: address.replace(/^::ffff:/, ""), sourcePort: port }));
  });
  socket.bind(Number(process.argv[1]), () => console.log("ready"));
`;

export interface Datagrams {
  /** Node or workload. */
  readonly from: string;
  readonly to: string;
  readonly address: string;
  readonly port: number;
  /** How many ports, from that one, are sent to in turn from one socket; default 1, whose socket is connected. */
  readonly ports?: number;
  readonly cgroup?: string;
  /** Default 10. */
  readonly count?: number;
  /** Payload of a send; default 100. */
  readonly bytes?: number;
  /** Default 0. */
  readonly dscp?: number;
  /** Default 0, not ECN-capable. */
  readonly ecn?: number;
  readonly sourcePort?: number;
  /** Whether what does not fit the path is refused (`refuse`) or cut into fragments (`fragment`); the kernel's choice by default. */
  readonly tooLarge?: "refuse" | "fragment";
  /** Between two of them, or between two bursts; default 2. */
  readonly pauseMs?: number;
  /** Datagrams sent without a pause; default 1. */
  readonly burst?: number;
  /** The kernel cuts each send into datagrams of so many bytes (UDP_SEGMENT): `sent` counts sends. */
  readonly segmentBytes?: number;
  /** With a hop-by-hop options header (RFC 8200 section 4.3) of padding; IPv6 alone. */
  readonly hopByHop?: boolean;
  /** Becomes the sender: runs its command line, for example as another user. */
  readonly as?: readonly string[];
}

export interface Exchange {
  readonly sent: number;
  /** Sends that failed, by error code. */
  readonly errors: Readonly<Record<string, number>>;
  readonly received: readonly { readonly bytes: number; readonly source: string; readonly sourcePort: number }[];
}

/** Sends datagrams from one place to another and says what was sent, refused and received. */
export async function exchange(rig: Rig, what: Datagrams): Promise<Exchange> {
  const receiver = rig.lab.spawn(what.to, [process.execPath, "-e", RECEIVER, String(what.port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const received = await listening(receiver);
    const { sent, errors } = await send(rig, what);
    const datagrams = sent * Math.ceil((what.bytes ?? BYTES) / (what.segmentBytes ?? Number.POSITIVE_INFINITY));
    await eventually("everything has arrived", () => received.length >= datagrams, DRAIN_MS).catch(() => undefined);
    return { sent, errors, received };
  } finally {
    receiver.kill();
  }
}

/** Sends without anybody who receives. */
export async function send(rig: Rig, what: Omit<Datagrams, "to">): Promise<Pick<Exchange, "sent" | "errors">> {
  const {
    count = 10,
    bytes = BYTES,
    dscp = 0,
    ecn = 0,
    sourcePort = 0,
    tooLarge,
    pauseMs = 2,
    ports = 1,
    burst = 1,
    segmentBytes = 0,
    hopByHop = false,
    as = [],
  } = what;
  const discover = tooLarge === undefined ? -1 : tooLarge === "refuse" ? 2 : 0;
  const shape = [sourcePort, pauseMs / 1_000, ports, burst, segmentBytes, Number(hopByHop)];
  const numbers = [what.port, count, bytes, (dscp << 2) | ecn, discover, ...shape].map(String);
  const argv = [...as, "perl", "-e", SENDER, what.address, ...numbers];
  const output = said(await rig.lab.exec(what.from, argv, { cgroup: what.cgroup }));
  return JSON.parse(output) as Pick<Exchange, "sent" | "errors">;
}

function listening(child: ChildProcess): Promise<Exchange["received"][number][]> {
  const received: Exchange["received"][number][] = [];
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error("its output is a pipe");
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line === "ready") resolve(received);
      else received.push(JSON.parse(line) as Exchange["received"][number]);
    });
    child.once("close", () => reject(new Error("the receiver ended")));
  });
}
