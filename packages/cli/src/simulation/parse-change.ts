import { type Change, FAILABLE, SETTABLE, type Settable } from "@sextant/controller";
import { InvalidArgumentError } from "commander";

/** The greatest value of each field that a document may state. */
const GREATEST: Readonly<Record<Settable, number>> = {
  igp: 16_777_215,
  te: 16_777_215,
  delayUs: 60_000_000,
  jitterUs: 60_000_000,
  lossPpm: 1_000_000,
  capacityMbps: 10_000_000,
  utilisationPercent: 1_000,
};
const WHOLE: readonly Settable[] = ["igp", "te"];

/** `link:NAME`, `node:NAME` or `srlg:NAME`. */
export function parseFailure(text: string, previous: readonly Change[] = []): Change[] {
  const at = text.indexOf(":");
  const what = FAILABLE.find((kind) => kind === text.slice(0, at));
  const name = text.slice(at + 1);
  if (what === undefined || name === "") throw new InvalidArgumentError("Give link:NAME, node:NAME or srlg:NAME.");
  return [...previous, { kind: "fail", what, name }];
}

/** The name of a node. */
export function parseDrain(name: string, previous: readonly Change[] = []): Change[] {
  return [...previous, { kind: "drain", name }];
}

/** `LINK.FIELD=VALUE`. */
export function parseSetting(text: string, previous: readonly Change[] = []): Change[] {
  const [, name = "", word = "", number = ""] = /^(.+)\.([A-Za-z]+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const field = SETTABLE.find((each) => each === word);
  if (field === undefined) {
    throw new InvalidArgumentError(`Give LINK.FIELD=VALUE, where FIELD is one of ${SETTABLE.join(", ")}.`);
  }
  const value = Number(number);
  if (value > GREATEST[field] || (WHOLE.includes(field) && !Number.isInteger(value))) {
    const what = WHOLE.includes(field) ? "a whole number" : "a number";
    throw new InvalidArgumentError(`${field} is ${what} from 0 to ${GREATEST[field]}.`);
  }
  return [...previous, { kind: "set", name, field, value }];
}
