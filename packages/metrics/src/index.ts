export * from "./family";
export * from "./own-families";
export * from "./limits";
