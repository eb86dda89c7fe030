export * from "./names";
export { alertRules, recordingRules, type AlertRule, type RecordingRule } from "./rules";
export { generatedFiles } from "./generated-files";
