import type { IntentStatus as ControllerIntentStatus } from "../../controller/src/runtime/intent-status";
import { intentStatusOf, type IntentStatus } from "./status";

test("what the controller builds is what this program reads: held together by the compiler", () => {
  const built: ControllerIntentStatus = { conditions: [], policies: [], issues: [] };
  const read: IntentStatus = built;
  expect(read.policies).toEqual([]);
});

test("a status that is not there yet has no policies and no conditions", () => {
  const resource = { kind: "Intent", name: "x", labels: {}, generation: 1, spec: {}, status: {} };
  expect(intentStatusOf(resource)).toEqual({ conditions: [], policies: [] });
});
