import { SextantError } from "@sextant/model";
import { tryCommand } from "../kernel/command";
import { inNamespace, setSysctls } from "../kernel/namespaces";
import type { LabNode } from "../plan";

/**
 * What a node does with signed segment lists (RFC 8754 section 2.1.2). `required`: those without a right signature are dropped;
 * `checked`: those with a wrong one; `ignored`: nothing is looked at.
 */
export type SignaturePolicy = "required" | "checked" | "ignored";

const SYSCTL: Readonly<Record<SignaturePolicy, number>> = { required: 1, checked: 0, ignored: -1 };

/** Gives a node a key for SHA-256 signatures, or (without a secret) takes it away. */
export async function setSigningKey({ namespace, node }: LabNode, keyId: number, secret?: string): Promise<void> {
  // The command asks on a terminal where it has one: in a session of its own it has none. Nothing entered removes the key.
  const argv = ["setsid", "--wait", "ip", "sr", "hmac", "set", String(keyId), "sha256"];
  const [program, ...args] = inNamespace(namespace, argv);
  const { status, stderr } = await tryCommand(program, args, { input: `${secret ?? ""}\n` });
  if (status === 0) return;
  throw new SextantError("lab_failed", `key ${keyId} on ${node.name}: ${stderr.trim()}`);
}

/** Decides what comes of signatures on all links of a node. */
export async function setSignaturePolicy(node: LabNode, policy: SignaturePolicy): Promise<void> {
  const settings = node.ends.map(
    ({ interfaceName }) => `net/ipv6/conf/${interfaceName}/seg6_require_hmac=${SYSCTL[policy]}`,
  );
  await setSysctls(node.namespace, settings);
}
