import { DOCUMENT_KINDS, SextantError } from "@sextant/model";

/** Kinds that can be read; the last two exist by observation and cannot be applied. */
const RESOURCE_KINDS = [...DOCUMENT_KINDS, "Host", "Path"] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/** A resource as readers see it: JSON values throughout. */
export interface ResourceView {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** 0 for kinds without a spec. */
  readonly generation: number;
  readonly spec: object | undefined;
  readonly status: object | undefined;
}

/** Recognises a kind that came from outside; SextantError `invalid_argument` naming the kinds there are. */
export function parseResourceKind(text: string): ResourceKind {
  const kind = RESOURCE_KINDS.find((known) => known === text);
  if (kind !== undefined) return kind;
  throw new SextantError("invalid_argument", `"${text}" is no kind: use ${RESOURCE_KINDS.join(", ")}`);
}
