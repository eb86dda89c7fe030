import { SextantError } from "@sextant/model";
import { Sequence } from "../store/sequence";

/** Most applies and deletes that wait for the one being stored. */
const MAX_PENDING_CHANGES = 64;

/** Changes of documents, one after the other. Those that wait hold their documents in memory, so there is a limit. */
export class PendingChanges {
  readonly #sequence = new Sequence();
  #pending = 0;

  /** Runs the action after all earlier ones. SextantError `resource_exhausted` when too many wait. */
  async run<T>(action: () => Promise<T>): Promise<T> {
    if (this.#pending >= MAX_PENDING_CHANGES) {
      throw new SextantError("resource_exhausted", `${MAX_PENDING_CHANGES} changes wait to be stored: try again later`);
    }
    this.#pending += 1;
    try {
      return await this.#sequence.run(action);
    } finally {
      this.#pending -= 1;
    }
  }
}
