export * from "./reconcile/data-plane";
export * from "./config";
export * from "./local";
export * from "./main";
export type { LocalList, LocalPolicy, LocalStatus } from "./state/local-status";
