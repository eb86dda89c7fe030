import type { Step } from "../compute/minimal-steps";
import type { BindingSpan } from "../topology/binding-index";
import type { NumberReader, NumberWriter } from "./number-stream";

/** In place of the number of steps. */
const NO_STEPS = -1;
const KINDS = ["node", "adjacency"] as const;
const BINDING = KINDS.length;

/** Writes the steps of a list; `spans` are those that they were chosen among. */
export function writeSteps(
  writer: NumberWriter,
  steps: readonly Step[] | undefined,
  spans: readonly BindingSpan[],
): void {
  writer.put(steps?.length ?? NO_STEPS);
  for (const step of steps ?? []) {
    if (step.kind !== "binding") writer.put(KINDS.indexOf(step.kind), step.position, step.algorithm);
    else {
      const { binding, start, position } = step;
      const place = spans.findIndex(
        (span) => span.binding === binding && span.start === start && span.end === position,
      );
      writer.put(BINDING, position, place);
    }
  }
}

/** Reads them; `spans` are equal to those when they were written. Throws RangeError when they are not. */
export function readSteps(reader: NumberReader, spans: readonly BindingSpan[]): readonly Step[] | undefined {
  const count = reader.next();
  if (count === NO_STEPS) return undefined;
  return Array.from({ length: count }, (): Step => {
    const kind = reader.next();
    const position = reader.next();
    const third = reader.next();
    const plain = KINDS[kind];
    if (plain !== undefined) return { kind: plain, position, algorithm: third };
    const span = spans[third];
    if (kind !== BINDING || span === undefined) throw new RangeError("these are no steps of that path");
    return { kind: "binding", position, start: span.start, binding: span.binding };
  });
}
