import { join } from "node:path";
import { Ajv, type AnySchema, type ValidateFunction } from "ajv";
import { createGenerator, type Schema } from "ts-json-schema-generator";
import type { GrafanaTypes } from "./grafana-types";

const validators = new Map<string, ValidateFunction>();
let schema: Schema | undefined;

/**
 * What is wrong with a value by the types that Grafana publishes (npm package @grafana/grafana-foundation-sdk, itself generated from
 * Grafana's CUE schemas). A JSON schema is made of them here; properties that it does not know are wrong, too.
 */
export function schemaErrors(kind: keyof GrafanaTypes, value: unknown): readonly string[] {
  // `undefined` is no JSON.
  if (value === undefined) return kind === "stat fields" ? [] : ["missing"];
  const validate = validators.get(kind) ?? compile(kind);
  validators.set(kind, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message ?? ""}`);
}

function compile(kind: keyof GrafanaTypes): ValidateFunction {
  schema ??= grafanaSchema();
  const property = schema.properties?.[kind];
  if (typeof property !== "object") throw new Error(`no schema for ${kind} in ${JSON.stringify(schema).slice(0, 200)}`);
  const { definitions = {} } = schema;
  return new Ajv({ allErrors: true, strict: false }).compile({ ...property, definitions } as AnySchema);
}

function grafanaSchema(): Schema {
  const path = join(__dirname, "grafana-types.ts");
  const tsconfig = join(__dirname, "..", "..", "tsconfig.json");
  const options = { path, tsconfig, skipTypeCheck: true, jsDoc: "none", expose: "none", topRef: false } as const;
  return createGenerator(options).createSchema("GrafanaTypes");
}
