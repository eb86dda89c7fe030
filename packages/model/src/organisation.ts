/** Organisation in the certificate of an agent; its common name is the host. */
export const AGENT_ORGANISATION = "sextant:agents";
/** Organisation in the certificate of an operator. */
export const OPERATOR_ORGANISATION = "sextant:operators";
