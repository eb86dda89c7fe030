import { z } from "zod";
import type { Issue } from "../issue";
import { toIssues } from "./schema-issues";
import { readYaml } from "./yaml-source";

/** Most keys in one file: rollover needs two at a time. */
const MAX_KEYS = 64;

const SIGNING_KEY = z.strictObject({
  id: z.number().int().min(1).max(0xffff_ffff),
  secretFile: z.string().min(1).optional(),
  secretHex: z
    .string()
    .regex(/^([0-9a-fA-F]{2}){1,64}$/, "expected 1 to 64 bytes in hexadecimal")
    .optional(),
});
const SIGNING_KEYS = z.strictObject({ keys: z.array(SIGNING_KEY).max(MAX_KEYS) }).superRefine(({ keys }, context) => {
  for (const [index, { id, secretFile, secretHex }] of keys.entries()) {
    const say = (message: string) => context.addIssue({ code: "custom", path: ["keys", index], message });
    if ((secretFile === undefined) === (secretHex === undefined)) say("give either secretFile or secretHex");
    if (keys.findIndex((key) => key.id === id) !== index) say(`key ${id} is there twice: keep one of them`);
  }
});

/** Where the secret of a signing key is: in a file, or here in hexadecimal. One of both is given. */
export type SigningKeySource = z.infer<typeof SIGNING_KEY>;

/** Reads the YAML file that lists a host's signing keys: `keys: [{id: 1, secretFile: key1}]`. */
export function parseSigningKeys(
  file: string,
  text: string,
): { readonly keys: readonly SigningKeySource[]; readonly issues: readonly Issue[] } {
  const [source, another] = readYaml(file, text);
  const at = source?.locate([]) ?? { file, line: 1, column: 1 };
  const wrong = (message: string) => ({
    keys: [],
    issues: [{ code: "invalid_value" as const, path: "", message, at }],
  });
  if (source === undefined || another !== undefined) return wrong("expected one document with a list of keys");
  if (source.issues.length > 0) return { keys: [], issues: source.issues };
  const parsed = SIGNING_KEYS.safeParse(source.value, { reportInput: true });
  if (parsed.success) return { keys: parsed.data.keys, issues: [] };
  return { keys: [], issues: parsed.error.issues.flatMap((issue) => toIssues(issue, [], source.locate)) };
}
