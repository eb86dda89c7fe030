export * from "./config";
export * from "./engine";
export * from "./main";
export { CONTROLLER_FAMILIES } from "./metrics/families";
