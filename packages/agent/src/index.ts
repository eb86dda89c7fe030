export * from "./reconcile/data-plane";
export * from "./config";
export * from "./main";
