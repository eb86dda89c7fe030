import { type Issue, type IssueCode, MAX_ISSUES } from "@sextant/model";

/** Longest text of one file, in characters. */
const MAX_CHARACTERS = 400_000_000;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const WHOLE = /^\d{1,15}$/;
const SPACE = 32;

/** A word of a line, with the 1-based column that it begins at. */
export interface Word {
  readonly text: string;
  readonly column: number;
}

/** Walks through a text line by line, skipping empty ones, and gathers what is wrong with it. One pass, no copy of the text. */
export class TextLines {
  readonly issues: Issue[] = [];
  /** Number of the current line, from 1. */
  line = 0;
  #next = 0;

  constructor(
    readonly file: string,
    readonly text: string,
  ) {
    if (text.length > MAX_CHARACTERS)
      this.report("too_large", "", `file is longer than ${MAX_CHARACTERS} characters`, 1);
  }

  /** Words of the next line that has any; undefined at the end, or when there are too many problems to go on. */
  next(): Word[] | undefined {
    while (this.#next < this.text.length && this.issues.length < MAX_ISSUES && this.text.length <= MAX_CHARACTERS) {
      const start = this.#next;
      const newline = this.text.indexOf("\n", start);
      const end = newline < 0 ? this.text.length : newline;
      this.#next = end + 1;
      this.line++;
      const words = this.#split(start, end);
      if (words.length > 0) return words;
    }
    return undefined;
  }

  /** True when reading stopped for the number of problems. */
  get gaveUp(): boolean {
    return this.issues.length >= MAX_ISSUES;
  }

  report(code: IssueCode, path: string, message: string, column: number): void {
    if (this.issues.length > MAX_ISSUES) return;
    const at = { file: this.file, line: Math.max(1, this.line), column };
    this.issues.push({ code, path, message, at });
    if (this.issues.length !== MAX_ISSUES) return;
    this.issues.push({ code: "too_large", path: "", message: `${MAX_ISSUES} problems: the rest is not read`, at });
  }

  #split(start: number, end: number): Word[] {
    const words: Word[] = [];
    let at = start;
    while (at < end) {
      while (at < end && this.text.charCodeAt(at) <= SPACE) at++;
      const begin = at;
      while (at < end && this.text.charCodeAt(at) > SPACE) at++;
      if (at > begin) words.push({ text: this.text.slice(begin, at), column: begin - start + 1 });
    }
    return words;
  }

  /** A decimal number within [low, high], reported as `field` when it is none. */
  number(word: Word, field: string, low: number, high: number): number {
    const value = NUMBER.test(word.text) ? Number(word.text) : Number.NaN;
    return this.#within(word, value, field, "a number", low, high);
  }

  /** A whole number within [low, high]. */
  whole(word: Word, field: string, low: number, high: number): number {
    const value = WHOLE.test(word.text) ? Number(word.text) : Number.NaN;
    if (Number.isNaN(value) && NUMBER.test(word.text) && Number(word.text) < low) {
      return this.#within(word, Number(word.text), field, "a whole number", low, high);
    }
    return this.#within(word, value, field, "a whole number", low, high);
  }

  #within(word: Word, value: number, field: string, what: string, low: number, high: number): number {
    if (value >= low && value <= high) return value;
    const code = Number.isNaN(value) ? "invalid_value" : "out_of_range";
    this.report(code, field, `"${word.text.slice(0, 40)}" is not ${what} from ${low} to ${high}`, word.column);
    return low;
  }
}
