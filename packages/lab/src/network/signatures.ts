import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { formatIssue, parseSigningKeys, SextantError } from "@sextant/model";
import { bounded } from "../kernel/bounded";
import { tryCommand } from "../kernel/command";
import { inNamespace, setSysctls } from "../kernel/namespaces";
import type { LabNode } from "../plan";

/**
 * What a node does with signed segment lists (RFC 8754 section 2.1.2). `required`: those without a right signature are dropped;
 * `checked`: those with a wrong one; `ignored`: nothing is looked at.
 */
export type SignaturePolicy = "required" | "checked" | "ignored";

const SYSCTL: Readonly<Record<SignaturePolicy, number>> = { required: 1, checked: 0, ignored: -1 };

/**
 * The secrets that an agent's file of signing keys lists, by number. Throws SextantError `invalid_document`, and for what the
 * command of the routers cannot be told (its input is a line of text) `invalid_argument`.
 */
export function readSigningKeys(file: string): Map<number, string> {
  const { keys, issues } = parseSigningKeys(file, readFileSync(file, "utf8"));
  if (issues.length > 0) throw new SextantError("invalid_document", issues.map(formatIssue).join("\n"));
  return new Map(
    keys.map(({ id, secretFile, secretHex = "" }) => {
      const bytes =
        secretFile === undefined ? Buffer.from(secretHex, "hex") : readFileSync(resolve(dirname(file), secretFile));
      const secret = bytes.toString("latin1").replace(/\n$/, "");
      if (/^[\x20-\x7e]{1,64}$/.test(secret)) return [id, secret];
      throw new SextantError(
        "invalid_argument",
        `key ${id} of ${file}: a lab's secrets are 1 to 64 printable characters`,
      );
    }),
  );
}

/** Every node knows the keys, and routers take nothing that is not signed with one of them. */
export async function requireSignatures(nodes: Iterable<LabNode>, keys: ReadonlyMap<number, string>): Promise<void> {
  await bounded(nodes, async (node) => {
    for (const [id, secret] of keys) await setSigningKey(node, id, secret);
    if (node.node.kind === "router") await setSignaturePolicy(node, "required");
  });
}

/** Gives a node a key for SHA-256 signatures, or (without a secret) takes it away. */
export async function setSigningKey({ namespace, node }: LabNode, keyId: number, secret?: string): Promise<void> {
  // The command asks on a terminal where it has one: in a session of its own it has none. Nothing entered removes the key.
  const argv = ["setsid", "--wait", "ip", "sr", "hmac", "set", String(keyId), "sha256"];
  const [program, ...args] = inNamespace(namespace, argv);
  const { status, stderr } = await tryCommand(program, args, { input: `${secret ?? ""}\n` });
  if (status === 0) return;
  const need = "signatures need CONFIG_IPV6_SEG6_HMAC";
  throw new SextantError("lab_failed", `key ${keyId} on ${node.name} (${need}): ${stderr.trim()}`);
}

/** Decides what comes of signatures on all links of a node. */
export async function setSignaturePolicy(node: LabNode, policy: SignaturePolicy): Promise<void> {
  const settings = node.ends.map(
    ({ interfaceName }) => `net/ipv6/conf/${interfaceName}/seg6_require_hmac=${SYSCTL[policy]}`,
  );
  await setSysctls(node.namespace, settings);
}
