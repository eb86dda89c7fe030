import { Command } from "commander";
import { apiPage } from "./api-page";
import { cliPage } from "./cli-page";
import { documentsPage } from "./documents-page";

describe("documents page", () => {
  const page = documentsPage();

  test.each([
    "| `spec.objective.minimize` | `delay`, `igp`, `te`, `hops`, `jitter`, `loss`, `utilisation` or mapping |",
    "| `spec.priority` | integer 0 to 65535 | `100` |",
    "| `spec.nodes[].attachedTo.delayUs` | number 0 to 60000000 |",
    "| `spec.links[].aToB.adjacencyFunction` | integer 57344 to 65535 |",
    "| `spec.constraints.via[].node` | text |",
    "| `spec.from.labels` | mapping of text to text | `{}` |",
  ])("has the row %s", (row) => {
    expect(page).toContain(row);
  });

  test("every field says what it means", () => {
    const silent = page.split("\n").filter((line) => line.startsWith("| `spec") && / \|\s+\|$/.test(line));
    expect(silent).toEqual([]);
  });
});

test("API page: services with their calls, messages with their fields, nested ones with their parent's name", () => {
  const page = apiPage([
    `// What it serves.
service S {
  // Does it.
  rpc Do(Request) returns (Response);
}

// Two
// lines.
message Request {
  // From 1.
  uint32 count = 1;
  oneof body {
    string text = 2;
  }

  enum Kind {
    KIND_UNSPECIFIED = 0;
  }
}`,
  ]);
  expect(page).toContain(
    "## S\n\nWhat it serves.\n\n| call | |\n|---|---|\n| `rpc Do(Request) returns (Response)` | Does it. |",
  );
  expect(page).toContain(
    "### Request\n\nTwo lines.\n\n| field | |\n|---|---|\n| `uint32 count = 1` | From 1. |\n| `string text = 2` |  |",
  );
  expect(page).toContain("### Request.Kind");
});

test("CLI page: the printed help of each command, parents first", () => {
  const program = new Command("tool").description("A tool.");
  program
    .command("make")
    .description("Makes.")
    .option("-n <count>", "how many")
    .addHelpText("after", "\nExample:\n  $ tool make");
  const page = cliPage(program);
  expect(page.indexOf("## tool\n")).toBeLessThan(page.indexOf("## tool make\n"));
  expect(page).toContain("-n <count>");
  expect(page).toContain("$ tool make");
});
