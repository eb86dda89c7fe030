import { type Intent, intentFromDocument, parseDocumentValue } from "@sextant/model";

/** An intent from its spec as it stands in a document; from h1 to h2 by delay unless it says otherwise. Throws when unsound. */
export function intentOf(spec: Record<string, unknown> = {}, name = "test"): Intent {
  const parsed = parseDocumentValue("test", {
    apiVersion: "sextant.dev/v1",
    kind: "Intent",
    metadata: { name },
    spec: { from: { hosts: ["h1"] }, to: { hosts: ["h2"] }, objective: { minimize: "delay" }, ...spec },
  });
  const [document] = parsed.documents;
  if (document?.kind !== "Intent") throw new Error(`the test's own intent is broken: ${JSON.stringify(parsed.issues)}`);
  return intentFromDocument(document, 1);
}
