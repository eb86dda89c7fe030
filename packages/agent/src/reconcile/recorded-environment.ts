import type { Environment } from "./environment";
import { sameValue } from "./kernel-state";

/**
 * An environment that remembers what was asked and answered, so that whoever used it can tell later whether the same
 * questions would still get the same answers. Each question is passed on once. It grows with the distinct things that desired
 * state names.
 */
export class RecordedEnvironment implements Environment {
  readonly #asked: ((other: Environment) => boolean)[] = [];
  readonly routeTo: Environment["routeTo"];
  readonly cgroupOf: Environment["cgroupOf"];
  readonly uidOf: Environment["uidOf"];
  readonly executableOf: Environment["executableOf"];
  readonly addressesOf: Environment["addressesOf"];
  readonly signingKey: Environment["signingKey"];

  constructor(environment: Environment) {
    const selector = (one: Parameters<Environment["cgroupOf"]>[0]) => JSON.stringify(one);
    const itself = <T>(question: T) => question;
    this.routeTo = this.#recorded(environment, ({ routeTo }) => routeTo, itself);
    this.cgroupOf = this.#recorded(environment, ({ cgroupOf }) => cgroupOf, selector);
    this.uidOf = this.#recorded(environment, ({ uidOf }) => uidOf, itself);
    this.executableOf = this.#recorded(environment, ({ executableOf }) => executableOf, itself);
    this.addressesOf = this.#recorded(environment, ({ addressesOf }) => addressesOf, itself);
    this.signingKey = this.#recorded(environment, ({ signingKey }) => signingKey, itself);
  }

  /** True when `other` answers everything that was asked as this one did. */
  agreesWith(other: Environment): boolean {
    return this.#asked.every((agrees) => agrees(other));
  }

  #recorded<Q, A>(
    environment: Environment,
    method: (of: Environment) => (question: Q) => A,
    name: (question: Q) => unknown,
  ): (question: Q) => A {
    const answers = new Map<unknown, { readonly question: Q; readonly answer: A }>();
    this.#asked.push((other) =>
      [...answers.values()].every(({ question, answer }) => sameValue(method(other)(question), answer)),
    );
    return (question) => {
      const key = name(question);
      const known = answers.get(key);
      if (known !== undefined) return known.answer;
      const answer = method(environment)(question);
      answers.set(key, { question, answer });
      return answer;
    };
  }
}
