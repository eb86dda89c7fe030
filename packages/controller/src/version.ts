/** Version of the controller, as agents and operators see it. */
export const CONTROLLER_VERSION = "0.1.0";
