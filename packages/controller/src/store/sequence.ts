/** Runs asynchronous actions one after the other, in the order in which they were given. */
export class Sequence {
  #last: Promise<unknown> = Promise.resolve();

  /** Starts the action when all earlier ones have settled; a failure of one does not stop the next. */
  run<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#last.then(action);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
