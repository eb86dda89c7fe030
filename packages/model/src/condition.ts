/** One per pipeline stage; together they are the `status.conditions` of an intent. */
export type ConditionType = "Accepted" | "Computed" | "Encoded" | "Protected" | "Pushed" | "Installed" | "Live";

/** An observation about one stage, in the form of the Kubernetes API conventions. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: "True" | "False" | "Unknown";
  /** CamelCase word for programs, for example `NoPath`. */
  readonly reason: string;
  /** Sentence for people. */
  readonly message: string;
  /** Generation of the intent that this was observed for. */
  readonly observedGeneration: number;
}
