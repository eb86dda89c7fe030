import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { SextantError } from "@sextant/model";

/** A file as its author wrote it. */
export interface SourceFile {
  readonly name: string;
  readonly content: string;
}

const STDIN = "-";
const DOCUMENT_FILE = /\.ya?ml$/;

/**
 * Reads what `-f` names: files, directories (their .yaml and .yml files in the order of their names, subdirectories left
 * out) and `-` for standard input. Throws SextantError `invalid_argument` for what cannot be read or is empty.
 */
export function readSources(paths: readonly string[]): SourceFile[] {
  return [...new Set(paths)].flatMap((path) => {
    if (path === STDIN) return [{ name: "stdin", content: readOne(0, "standard input") }];
    return filesOf(path).map((file) => ({ name: file, content: readOne(file, file) }));
  });
}

function filesOf(path: string): string[] {
  if (!isDirectory(path)) return [path];
  const files = readdirSync(path)
    .filter((file) => DOCUMENT_FILE.test(file))
    .sort()
    .map((file) => join(path, file));
  if (files.length === 0) throw new SextantError("invalid_argument", `${path} holds no .yaml or .yml file`);
  return files;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw new SextantError(
      "invalid_argument",
      `${path}: ${(cause as NodeJS.ErrnoException).code ?? ""} cannot be read`,
      {
        cause,
      },
    );
  }
}

function readOne(file: string | 0, shownAs: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
      throw new SextantError("invalid_argument", `${shownAs} is not UTF-8 text: is it a document?`, { cause });
    }
    throw new SextantError("invalid_argument", `${shownAs}: ${(cause as Error).message}`, { cause });
  }
}
