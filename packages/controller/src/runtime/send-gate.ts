/** Lets something wait until what is being sent is out: heavy work in between would keep it in the process. */
export class SendGate {
  #underWay = 0;
  #waiting: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `maxWaitMs`: a reader that stands still holds nobody up for longer. */
  constructor(private readonly maxWaitMs: number) {}

  /** Something is sent: call the answer once, when it is out or never will be. */
  enter(): () => void {
    this.#underWay += 1;
    return () => {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#open();
    };
  }

  /** Calls back when nothing is under way; a later callback replaces one that waits. */
  whenClear(then: () => void): void {
    this.#waiting = then;
    if (this.#underWay === 0) this.#open();
    else this.#timer ??= setTimeout(() => this.#open(), this.maxWaitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting = undefined;
  }

  #open(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const then = this.#waiting;
    this.#waiting = undefined;
    then?.();
  }
}
