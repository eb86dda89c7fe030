import { demandsJsonSchema, DOCUMENT_KINDS, documentJsonSchema, type JsonSchema } from "@sextant/model";

const INTRODUCTION = `# Documents

Generated from the schema in \`packages/model/src/document/schema.ts\` by \`make gen\`.

A file holds any number of YAML documents (JSON is YAML). Unknown fields, duplicate keys and values out of range are errors; all of
them are reported at once, each as \`file:line:column path: message\`. Names have 1 to 63 letters, digits, \`-\` and \`.\`, and
start and end with a letter or digit. Shared between all kinds: \`apiVersion: sextant.dev/v1\`, \`kind\`, \`metadata.name\`,
\`metadata.labels\`, \`spec\`, and \`status\`, which the controller writes and which is ignored in what is applied.`;

const PURPOSE = {
  Topology: "The network: routers, hosts, and the links between them. A controller has one.",
  Intent: "What traffic, between which hosts, is to take what kind of path.",
  Service: "A network function that paths may be led through, and where its instances run.",
  Demands: "Traffic for `sextant place`. A controller keeps no such documents.",
} as const;

/** docs/reference/documents.md */
export function documentsPage(): string {
  const schemas = DOCUMENT_KINDS.map((kind) => [kind, documentJsonSchema(kind)] as const);
  const sections = [...schemas, ["Demands", demandsJsonSchema()] as const].map(([kind, schema]) => {
    const rows = fieldRows(schema.properties?.["spec"] ?? {}, "spec");
    const table = ["| field | type | default | meaning |", "|---|---|---|---|", ...rows];
    return `## ${kind}\n\n${PURPOSE[kind]}\n\n${table.join("\n")}`;
  });
  return `${[INTRODUCTION, ...sections].join("\n\n")}\n`;
}

/** A row per field, parents before children. */
function fieldRows(schema: JsonSchema, path: string): string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const at = `${path}.${name}`;
    const absent = schema.required?.includes(name) === true ? "required" : defaultText(field.default);
    const meaning = field.description ?? "";
    return [`| \`${at}\` | ${escaped(typeText(field))} | ${absent} | ${escaped(meaning)} |`, ...fieldRows(field, at)];
  });
  const nested = [
    ...(schema.items === undefined ? [] : fieldRows(schema.items, `${path}[]`)),
    ...(schema.anyOf ?? []).filter((option) => option.items === undefined).flatMap((option) => fieldRows(option, path)),
  ];
  return [...own, ...nested];
}

function typeText(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeText))].join(" or ");
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(", ");
  if (schema.items !== undefined) {
    const limit = schema.maxItems === undefined ? "" : ` (at most ${schema.maxItems})`;
    return `list of ${typeText(schema.items)}${limit}`;
  }
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? ["anything"]);
  return types.map((type) => plainType(type, schema)).join(" or ");
}

function plainType(type: string, schema: JsonSchema): string {
  const words: Readonly<Record<string, string>> = { string: "text", object: "mapping", boolean: "true or false" };
  if (type === "object" && typeof schema.additionalProperties === "object") return "mapping of text to text";
  return `${words[type] ?? type}${rangeText(schema)}`;
}

function rangeText({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}, at most ${maximum ?? "any"}`;
  return minimum === undefined || maximum === undefined ? "" : ` ${minimum} to ${maximum}`;
}

function defaultText(value: unknown): string {
  return value === undefined ? "" : `\`${JSON.stringify(value)}\``;
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}
