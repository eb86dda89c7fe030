import { MappingType, type Threshold, type ValueMapping } from "@grafana/grafana-foundation-sdk/dashboard";

/** Any at all is bad news. */
export const NONE_IS_GOOD: readonly Threshold[] = [
  { value: null, color: "green" },
  { value: 1, color: "red" },
];

/** Losses of 1 % are felt, of 5 % are an outage to many applications. */
export const LOSS: readonly Threshold[] = [
  { value: null, color: "green" },
  { value: 0.01, color: "yellow" },
  { value: 0.05, color: "red" },
];

/** Suspicion of links: from one of several to the only explanation. */
export const SUSPICION: readonly Threshold[] = [
  { value: null, color: "green" },
  { value: 0.1, color: "yellow" },
  { value: 0.9, color: "red" },
];

/** Seconds since something that comes every second or so. */
export const AGE: readonly Threshold[] = [
  { value: null, color: "green" },
  { value: 5, color: "yellow" },
  { value: 30, color: "red" },
];

/** 1 is good, 0 is not. */
export const YES_NO = values({ 1: ["yes", "green"], 0: ["no", "red"] });

/** 0 is good, 1 is not. */
export const NO_YES = values({ 0: ["no", "green"], 1: ["yes", "red"] });

/** Paths: what `PATH_STATE` computes. */
export const PATH_STATES = values({ 0: ["dead", "red"], 1: ["unproven", "yellow"], 2: ["alive", "green"] });

/** Candidates of a policy. */
export const CANDIDATES = values({
  [-1]: ["none", "red"],
  0: ["primary", "green"],
  1: ["backup 1", "yellow"],
  2: ["backup 2", "orange"],
});

function values(texts: Readonly<Record<number, readonly [text: string, color: string]>>): ValueMapping[] {
  const options = Object.entries(texts).map(
    ([value, [text, color]], index) => [value, { text, color, index }] as const,
  );
  return [{ type: MappingType.ValueToText, options: Object.fromEntries(options) }];
}
