/** What to take back, last thing first, when a change of several steps fails half-way. */
export type Undo = (() => void)[];

/** Runs a change of several steps; when it throws, what it has noted in `undo` is taken back and the error passes on. */
export function allOrNothing<T>(change: (undo: Undo) => T): T {
  const undo: Undo = [];
  try {
    return change(undo);
  } catch (error) {
    for (const takeBack of undo.reverse()) takeBack();
    throw error;
  }
}
