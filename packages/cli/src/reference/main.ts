// Writes the reference pages: `node packages/cli/dist/reference/main.js`, as `make gen` does.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildProgram } from "../program";
import { apiPage } from "./api-page";
import { cliPage } from "./cli-page";
import { documentsPage } from "./documents-page";
import { metricsPage } from "./metrics-page";

const ROOT = join(__dirname, "..", "..", "..", "..");
const TARGET = join(ROOT, "docs", "reference");
const PROTO = join(ROOT, "packages", "proto", "proto", "sextant", "v1");

const protoFiles = ["operator.proto", "agent.proto"].map((file) => readFileSync(join(PROTO, file), "utf8"));
mkdirSync(TARGET, { recursive: true });
writeFileSync(join(TARGET, "cli.md"), cliPage(buildProgram()));
writeFileSync(join(TARGET, "documents.md"), documentsPage());
writeFileSync(join(TARGET, "api.md"), apiPage(protoFiles));
writeFileSync(join(TARGET, "metrics.md"), metricsPage());
