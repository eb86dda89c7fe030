import { API_VERSION } from "@sextant/model";
import { stringify } from "yaml";
import type { Json, JsonObject, Resource } from "../resource";

/** The documented form of a resource: a document with its status, as it could be applied again. */
export function toDocument({ kind, name, labels, generation, spec, status }: Resource): JsonObject {
  const metadata = { name, generation, labels };
  return { apiVersion: API_VERSION, kind, metadata, spec, status };
}

/** Several resources; one asked for by name stands alone. */
export function toDocuments(resources: readonly Resource[], single: boolean): JsonObject {
  const [first] = resources;
  if (single && first !== undefined) return toDocument(first);
  return { apiVersion: API_VERSION, kind: "List", items: resources.map(toDocument) };
}

/** Lines of indented JSON or YAML. */
export function renderStructured(value: Json, format: "json" | "yaml"): string[] {
  if (format === "json") return JSON.stringify(value, null, 2).split("\n");
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().split("\n");
}
