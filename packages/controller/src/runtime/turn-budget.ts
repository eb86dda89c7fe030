/**
 * For how long plans are made at a time, in milliseconds: agents and operators are served in between. A fraction of what they may have to wait for the loop, as the last plan
 * of a turn and the garbage collector come on top.
 */
export const TURN_BUDGET_MS = 2;
