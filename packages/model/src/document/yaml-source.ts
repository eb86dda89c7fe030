import {
  Composer,
  type Document as YamlDocument,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node as YamlNode,
  Parser,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { firstIssues, type Issue, type IssueCode, MAX_ISSUES, type SourcePosition } from "../issue";
import { type FieldPath, formatPath } from "./field-path";
import { shortened } from "./shortened";

/** Most values that aliases may expand to; a document beyond that is refused instead of filling the memory. */
const MAX_ALIAS_EXPANSIONS = 100;
const CORE_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

/** One document of a YAML file: its plain value unless the text itself is faulty, and where its fields are. */
export interface YamlSource {
  /** Undefined when the issues leave nothing to validate; null when the document is empty. */
  readonly value: unknown;
  readonly issues: readonly Issue[];
  /** Position of a field, or of its nearest existing parent. */
  readonly locate: (path: FieldPath) => SourcePosition;
}

/**
 * Splits a file into its documents. Faults of the text (syntax, keys written twice, foreign tags, broken or exploding aliases)
 * come as issues; what follows a syntax error cannot be told apart from its consequences and is left out. A document is read when it
 * is asked for.
 */
export function* readYaml(file: string, text: string): Generator<YamlSource, void> {
  const lines = new LineCounter();
  // Keys that are not text have no meaning in our documents; the log level keeps the library off stderr.
  // Its own search for keys written twice compares each with all before it: minutes for a large mapping.
  const options = { uniqueKeys: false, stringKeys: true, logLevel: "silent" } as const;
  for (const yaml of new Composer(options).compose(new Parser(lines.addNewLine).parse(text))) {
    const at = (offset: number) => positionAt(file, lines, offset);
    const locate = (path: FieldPath) => at(nodeOffset(yaml, path));
    const errors = yaml.errors.slice(0, MAX_ISSUES).map((error) => fromYamlError(error, at));
    const issues = firstIssues([...errors, ...faultyNodes(yaml, at)]);
    const broken = issues.some((issue) => issue.code === "yaml_syntax");
    const plain = broken ? undefined : toPlain(yaml);
    if (!broken && plain === undefined) {
      const message = `aliases expand to more than ${MAX_ALIAS_EXPANSIONS} values: write them out`;
      issues.push({ code: "too_large", path: "", message, at: locate([]) });
    }
    yield { value: plain?.value, issues, locate };
    if (broken) return;
  }
}

function positionAt(file: string, lines: LineCounter, offset: number): SourcePosition {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col) };
}

function fromYamlError(error: YAMLError, at: (offset: number) => SourcePosition): Issue {
  const position = at(error.pos[0]);
  const firstLine = error.message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "") ?? error.code;
  const message = firstLine.includes("call stack") ? "nested too deeply" : firstLine;
  return { code: "yaml_syntax", path: "", message, at: position };
}

/** Nodes that are correct YAML and yet cannot be part of a document of ours. */
function faultyNodes(yaml: YamlDocument, at: (offset: number) => SourcePosition): Issue[] {
  const issues: Issue[] = [];
  const anchors = new Set<string>();
  const report = (node: YamlNode, message: string, code: IssueCode = "yaml_syntax", path = "") =>
    issues.push({ code, path, message, at: at(node.range?.[0] ?? 0) });
  const checkValue = (node: YamlNode & { readonly anchor?: string | undefined }) => {
    if (node.anchor !== undefined) anchors.add(node.anchor);
    if (node.tag !== undefined && !CORE_TAG.test(node.tag)) {
      report(node, `tag ${shortened(node.tag)} is not allowed: use plain text, numbers, lists and mappings`);
    }
  };
  visit(yaml, {
    Alias: (_, node) => {
      if (!anchors.has(node.source)) report(node, `alias *${shortened(node.source)} names no anchor above it`);
    },
    Map: (_, map, ancestors) => {
      if (issues.length > MAX_ISSUES) return visit.BREAK;
      checkValue(map);
      for (const key of keysWrittenTwice(map)) {
        const path = formatPath([...pathOf([...ancestors, map]), String(key.value)]);
        report(key, "written twice: keep one of them", "duplicate", path);
      }
      return undefined;
    },
    Pair: (_, pair, ancestors) => {
      // JavaScript would drop such a key in silence where a mapping is free-form.
      if (!isScalar(pair.key) || pair.key.value !== "__proto__") return;
      report(pair.key, "unknown field", "unknown_field", formatPath([...pathOf(ancestors), "__proto__"]));
    },
    Value: (_, node) => checkValue(node),
  });
  return issues;
}

/** Every occurrence but the first. */
function keysWrittenTwice(map: YAMLMap): Scalar[] {
  const known = new Set<unknown>();
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key)) return [];
    const isNew = !known.has(key.value);
    known.add(key.value);
    return isNew ? [] : [key];
  });
}

function pathOf(ancestors: readonly unknown[]): FieldPath {
  return ancestors.flatMap((node, i): FieldPath => {
    if (isSeq(node)) return [node.items.indexOf(ancestors[i + 1])];
    return isPair(node) && isScalar(node.key) ? [String(node.key.value)] : [];
  });
}

/** Undefined when aliases expand beyond the limit. */
function toPlain(yaml: YamlDocument): { readonly value: unknown } | undefined {
  try {
    return { value: yaml.toJS({ maxAliasCount: MAX_ALIAS_EXPANSIONS }) as unknown };
  } catch {
    return undefined;
  }
}

/** A missing field has no node of its own: its nearest parent is where it belongs. */
function nodeOffset(yaml: YamlDocument, path: FieldPath): number {
  for (let length = path.length; length >= 1; length--) {
    const parent: unknown = length === 1 ? yaml.contents : yaml.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (pair !== undefined && isPair(pair) && isNode(pair.key)) return pair.key.range?.[0] ?? 0;
    }
    const node: unknown = yaml.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return isNode(yaml.contents) ? (yaml.contents.range?.[0] ?? 0) : 0;
}
