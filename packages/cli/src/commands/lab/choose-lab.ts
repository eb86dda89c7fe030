import { Lab, labNameOfFile } from "@sextant/lab";
import { SextantError } from "@sextant/model";
import type { Command } from "commander";

/** How a command says which lab it means. */
export interface LabChoice {
  readonly name?: string;
  readonly filename?: string;
}

/** Adds the options that name a lab. */
export function addLabOptions(command: Command): Command {
  return command
    .option("--name <lab>", "name of the lab (default: the only one that is up)")
    .option("-f, --filename <topology>", "topology file that the lab was made from, instead of its name");
}

/** Name of the lab that is meant; undefined when nothing names one and none is up. */
export async function chosenName({ name, filename }: LabChoice): Promise<string | undefined> {
  if (name !== undefined) return name;
  if (filename !== undefined) return labNameOfFile(filename);
  const [first, ...others] = await Lab.list();
  if (others.length === 0) return first;
  const names = [first, ...others].join(", ");
  throw new SextantError("invalid_argument", `several labs are up: choose one with --name (${names})`);
}

/** The lab that is meant. Throws SextantError `not_found` when there is none. */
export async function chosenLab(choice: LabChoice): Promise<Lab> {
  const name = await chosenName(choice);
  if (name !== undefined) return Lab.open(name);
  throw new SextantError("not_found", "no lab is up: sextant lab up -f topology.yaml");
}
