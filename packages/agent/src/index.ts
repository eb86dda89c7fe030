export * from "./reconcile/data-plane";
