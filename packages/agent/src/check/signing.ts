import type { SigningKeys } from "../net/signing-keys";
import type { HostState } from "../state/host-state";
import { type CheckFinding, fail, ok } from "./finding";

/** Whether every key that lists are to be signed with can be read. */
export function checkSigningKeys(keys: SigningKeys, { wanted }: HostState): CheckFinding[] {
  const ids = new Set(
    [...wanted.values()].flatMap(({ entry }) => (entry.kind === "list" ? (entry.signingKeyId ?? []) : [])),
  );
  return [...ids]
    .sort((a, b) => a - b)
    .map((id) => {
      const key = keys.find(id);
      if (key.kind === "found") return ok(`key.${id}`, "readable");
      return fail(`key.${id}`, key.message, "give --signing-keys as the agent has it, or put the key into its file");
    });
}
