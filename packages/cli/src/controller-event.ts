import { SextantError } from "@sextant/model";
import { parseKind } from "./kinds";

/** Something that happened, as a controller remembers it; several equal things within a short time are one. */
export interface ControllerEvent {
  readonly id: number;
  /** Grows with every event and every repetition. */
  readonly revision: number;
  readonly about: { readonly kind: string; readonly name: string };
  /** Host that it happened on, where that is not what it is about. */
  readonly host?: string;
  readonly severity: "normal" | "warning";
  readonly reason: string;
  readonly message: string;
  /** RFC 3339. */
  readonly firstTime: string;
  readonly lastTime: string;
  readonly count: number;
}

/** Which of them: all when nothing is given. */
export interface EventQuery {
  readonly about?: { readonly kind: string; readonly name?: string };
  readonly sinceMs?: number;
  /** Only those of a higher revision. */
  readonly afterRevision?: number;
}

/** `intent/calls`, `host/alice`, `path/alice/0123456789abcdef`, or a kind alone. SextantError `invalid_argument`. */
export function parseSubject(text: string): { readonly kind: string; readonly name?: string } {
  const slash = text.indexOf("/");
  const word = slash === -1 ? text : text.slice(0, slash);
  const kind = word.toLowerCase() === "controller" ? "Controller" : parseKind(word);
  if (kind === "Node")
    throw new SextantError("invalid_argument", `"${text}": nothing is told of nodes, ask for a host or a link`);
  if (slash === -1) return { kind };
  const name = text.slice(slash + 1);
  if (name === "") throw new SextantError("invalid_argument", `"${text}": expected a name after the slash`);
  return { kind, name };
}
