const INTRODUCTION = `# gRPC API

Generated from the comments in \`packages/proto/proto\` by \`make gen\`. Health (\`grpc.health.v1\`) and reflection are served beside it.
The details of every error begin with a stable code and a colon, for example \`not_found: there is no intent "x"\`.`;

/** A declaration of a .proto file with the comment above it. */
interface Declaration {
  readonly keyword: "service" | "message" | "enum";
  /** With the names of the messages around it. */
  readonly name: string;
  readonly comment: string;
  readonly members: { readonly text: string; readonly comment: string }[];
}

/** docs/reference/api.md from the texts of the .proto files. */
export function apiPage(files: readonly string[]): string {
  return `${[INTRODUCTION, ...files.flatMap(declarations).map(section)].join("\n\n")}\n`;
}

function section({ keyword, name, comment, members }: Declaration): string {
  const heading = keyword === "service" ? `## ${name}` : `### ${name}`;
  const rows = members.map((member) => `| \`${member.text}\` | ${member.comment} |`);
  const table =
    rows.length === 0 ? [] : [[`| ${keyword === "service" ? "call" : "field"} | |`, "|---|---|", ...rows].join("\n")];
  return [heading, ...(comment === "" ? [] : [comment]), ...table].join("\n\n");
}

/** Reads the proto style that buf enforces: one declaration or member per line, its comment directly above. */
function declarations(text: string): Declaration[] {
  const found: Declaration[] = [];
  const open: (Declaration | undefined)[] = [];
  let comment: string[] = [];
  for (const line of text.split("\n").map((each) => each.trim())) {
    const start = /^(service|message|enum|oneof) (\w+) \{/.exec(line);
    if (line.startsWith("//")) {
      comment.push(line.replace(/^\/\/ ?/, ""));
      continue;
    }
    if (start !== null) {
      const [, keyword, name = ""] = start;
      const parent = open.findLast((each) => each !== undefined);
      if (keyword === "oneof") open.push(undefined);
      else
        open.push(
          begin(
            keyword as Declaration["keyword"],
            parent?.keyword === "message" ? `${parent.name}.${name}` : name,
            comment,
            found,
          ),
        );
    } else if (line === "}") {
      open.pop();
    } else if (/^(rpc |[\w.<>, ]+ = )/.test(line) && open.length > 0) {
      const member = { text: line.replace(/;$/, ""), comment: comment.join(" ") };
      open.findLast((each) => each !== undefined)?.members.push(member);
    }
    comment = [];
  }
  return found;
}

function begin(
  keyword: Declaration["keyword"],
  name: string,
  comment: readonly string[],
  found: Declaration[],
): Declaration {
  const declaration = { keyword, name, comment: comment.join(" "), members: [] };
  found.push(declaration);
  return declaration;
}
