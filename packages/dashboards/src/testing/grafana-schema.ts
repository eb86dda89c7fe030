import { dirname, join } from "node:path";
import Ajv, { type ValidateFunction } from "ajv";
import { createGenerator } from "ts-json-schema-generator";

/** The types that Grafana publishes of its own schemas. */
const SDK = "@grafana/grafana-foundation-sdk";

const validators = new Map<string, ValidateFunction>();

/**
 * What is wrong with a value by one of Grafana's published types, `timeseries` `Options` for example; unknown properties are
 * wrong, too. The types are generated from Grafana's CUE schemas; a JSON schema is made of them here.
 */
export function schemaErrors(module: string, type: string, value: unknown): readonly string[] {
  const validate = validators.get(`${module} ${type}`) ?? compile(module, type);
  validators.set(`${module} ${type}`, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message ?? ""}`);
}

function compile(module: string, type: string): ValidateFunction {
  const path = join(dirname(require.resolve(`${SDK}/${module}`)), "types.gen.d.ts");
  const generator = createGenerator({ path, type, skipTypeCheck: true, jsDoc: "none" });
  return new Ajv({ allErrors: true, strict: false }).compile(generator.createSchema(type));
}
