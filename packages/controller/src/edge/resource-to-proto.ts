import { create, type JsonObject } from "@bufbuild/protobuf";
import { type Resource, ResourceSchema } from "@sextant/proto";
import type { ResourceView } from "../runtime/resource-view";

/** A resource as it goes over the wire; spec and status are absent where the view has none. */
export function resourceToProto({ kind, name, labels, generation, spec, status }: ResourceView): Resource {
  return create(ResourceSchema, {
    kind,
    name,
    labels: { ...labels },
    generation,
    ...(spec === undefined ? {} : { spec: toJson(spec) }),
    ...(status === undefined ? {} : { status: toJson(status) }),
  });
}

/** Views are built from JSON values only; this drops what is undefined. */
function toJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
