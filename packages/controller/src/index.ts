export * from "./config";
export * from "./engine";
export * from "./main";
