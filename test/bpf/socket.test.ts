import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostPrefix, ipv6 } from "@sextant/model";
import { KernelDataPlane } from "../../packages/agent/src/bpf/kernel-data-plane";
import { executableOf } from "../../packages/agent/src/net/executables";
import { eventually } from "../support/eventually";
import { ADDRESS_A, ADDRESS_B, LiveNetwork, SID_R } from "./live-network";
import { destinationOf, listOf, policyOf } from "./map-samples";
import { OBJECTS, uniqueInstance } from "./packet-path-fixture";
import { rule } from "./steering";

const PORT = 7200;
const SEND = `const s = require("node:dgram").createSocket("udp6"); s.send("x", ${PORT}, "${ADDRESS_B}", () => s.close())`;
const ANSWER_ONE = `require("node:net").createServer((s) => { s.end("answer"); s.on("close", () => process.exit()); s.resume(); })
  .listen(${PORT}, "::", () => console.log("ready"))`;
const ASK = `require("node:net").connect(${PORT}, "${ADDRESS_A}").on("data", (d) => console.log(String(d)))`;

let network: LiveNetwork;
let folder: string;
/** A file of its own: a link would be the same one. */
let copy: string;

beforeAll(() => {
  network = LiveNetwork.up();
  folder = mkdtempSync(join(tmpdir(), "sxt-executable-"));
  copy = join(folder, "node");
  copyFileSync(process.execPath, copy);
  symlinkSync(process.execPath, join(folder, "link"));
  const { plane, ifindexes } = network.a;
  plane.putList(1n, {
    ...listOf(1, [SID_R]),
    nextHop: { ifindex: ifindexes[0] ?? 0, gateway: ipv6("2001:db8:a::ff") },
  });
  plane.putPolicy(1n, policyOf(1n));
  meanOnly(copy);
});

afterAll(() => {
  network.down();
  rmSync(folder, { recursive: true });
});

/** Steers what the program at a path sends to B. */
function meanOnly(path: string): void {
  const executable = executableOf(path);
  if (executable.kind === "missing") throw new Error(executable.message);
  network.a.plane.putDestination(hostPrefix(ADDRESS_B), destinationOf(rule({ executable: executable.value })));
}

const steered = () => network.a.plane.policyCounters().get(1n)?.[0]?.packets ?? 0n;

test("the kernel lets the program see who makes sockets", () => {
  expect([network.a.plane.features.executables, network.a.plane.refusals]).toEqual([true, []]);
});

test("only packets of the rule's executable are steered, whatever its name", () => {
  const before = steered();
  network.namespaces.run(network.a.namespace, `${process.execPath} -e '${SEND}'`);
  network.namespaces.run(network.a.namespace, `${join(folder, "link")} -e '${SEND}'`);
  const byOthers = steered() - before;
  network.namespaces.run(network.a.namespace, `${copy} -e '${SEND}'`);
  expect([byOthers, steered() - before]).toEqual([0n, 1n]);
});

test.each<[string, () => string, boolean]>([
  ["the rule's executable are steered", () => copy, true],
  ["another one are not", () => process.execPath, false],
])("answers on connections that were accepted by %s", async (_sentence, executable, expected) => {
  const before = steered();
  const server = network.namespaces.spawn(network.a.namespace, [executable(), "-e", ANSWER_ONE]);
  let output = "";
  server.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await eventually("the server listens", () => output.includes("ready"));
  expect(network.namespaces.run(network.b.namespace, `${process.execPath} -e '${ASK}'`)).toBe("answer\n");
  expect(steered() > before).toBe(expected);
});

test("where the kernel does not take the program, all else works, and why is known", () => {
  const objects = join(folder, "objects");
  cpSync(OBJECTS, objects, { recursive: true });
  copyFileSync(join(objects, "ingress.bpf.o"), join(objects, "socket.bpf.o"));
  const instance = uniqueInstance();
  const plane = KernelDataPlane.open({ instance, objectDirectory: objects });
  plane.putList(1n, listOf(1));
  const seen = { features: plane.features, codes: plane.refusals.map(({ code }) => code), lists: plane.lists().size };
  plane.close();
  KernelDataPlane.destroy(instance);
  expect(seen).toEqual({
    features: { executables: false, tcpMoves: true },
    codes: ["missing_kernel_feature"],
    lists: 1,
  });
});

describe("a program on an overlay, as containers have them", () => {
  const mount = (type: string, name: string, options = "") => {
    const target = join(folder, name);
    mkdirSync(target);
    execFileSync("mount", ["-t", type, ...(options === "" ? [] : ["-o", options]), "none", target]);
    return target;
  };
  const mounted: string[] = [];
  beforeAll(() => {
    const [images, changes] = [mount("tmpfs", "images"), mount("tmpfs", "changes")];
    for (const name of ["image", "same-up", "same-work"]) mkdirSync(join(images, name));
    for (const name of ["up", "work"]) mkdirSync(join(changes, name));
    for (const path of [
      join(images, "image", "lower"),
      join(images, "same-up", "upper"),
      join(changes, "up", "upper"),
    ]) {
      copyFileSync("/bin/bash", path);
    }
    const layers = (up: string, work: string) => `lowerdir=${images}/image,upperdir=${up},workdir=${work}`;
    mounted.push(images, changes);
    mounted.unshift(mount("overlay", "apart", layers(`${changes}/up`, `${changes}/work`)));
    mounted.unshift(mount("overlay", "together", layers(`${images}/same-up`, `${images}/same-work`)));
  });
  afterAll(() => {
    for (const path of mounted) execFileSync("umount", [path]);
    meanOnly(copy);
  });

  test.each([
    ["layers on two file systems, the image's", "apart/lower"],
    ["layers on two file systems, the changes'", "apart/upper"],
    ["layers on one file system, the image's", "together/lower"],
    ["layers on one file system, the changes'", "together/upper"],
  ])("%s", (_, name) => {
    const program = join(folder, name);
    meanOnly(program);
    const sent = (path: string) => {
      const before = steered();
      network.namespaces.run(network.a.namespace, `${path} -c 'echo x > /dev/udp/${ADDRESS_B}/${PORT}'`);
      return steered() - before;
    };
    expect([sent(program), sent("/bin/bash"), sent(join(folder, "images/image/lower"))]).toEqual([1n, 0n, 0n]);
  });
});
