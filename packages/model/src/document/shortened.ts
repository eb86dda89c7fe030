/** Most characters of what was written that a message repeats. */
const MAX_SHOWN = 64;

/** A text as messages show it. */
export function shortened(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}...`;
}
