import { policyKey } from "@sextant/model";
import { HeldEnds } from "./held-ends";

const web = policyKey("web", "bob");
const mail = policyKey("mail", "bob");

function tracked() {
  const changes: string[] = [];
  const ends = new HeldEnds((sender, end) => changes.push(`${sender} ${end}`));
  return { ends, changes };
}

type Step =
  | readonly ["sent", revision: string, end: string | undefined]
  /** What the host has for sure, "" for nothing; undefined: not sure. */
  | readonly ["answered", held: string | undefined];

test.each<[string, Step[], string[]]>([
  ["what was sent may be in force", [["sent", "1", "bob"]], ["bob"]],
  ["a version without an end leaves no trace", [["sent", "1", undefined]], []],
  [
    "until the answer the old version may be in force as well",
    [
      ["sent", "1", "bob"],
      ["sent", "2", "carol"],
    ],
    ["bob", "carol"],
  ],
  [
    "the answer leaves one",
    [
      ["sent", "1", "bob"],
      ["sent", "2", "carol"],
      ["answered", "2"],
    ],
    ["carol"],
  ],
  [
    "an answer for the older one, too",
    [
      ["sent", "1", "bob"],
      ["sent", "2", "carol"],
      ["answered", "1"],
    ],
    ["bob"],
  ],
  [
    "an inserted version has no end, once it is answered for",
    [
      ["sent", "1", "bob"],
      ["sent", "2", undefined],
      ["answered", "2"],
    ],
    [],
  ],
  [
    "and before, the old one has",
    [
      ["sent", "1", "bob"],
      ["sent", "2", undefined],
    ],
    ["bob"],
  ],
  [
    "a removal",
    [
      ["sent", "1", "bob"],
      ["answered", ""],
    ],
    [],
  ],
  [
    "an answer that is not sure, such as a refusal, ends nothing",
    [
      ["sent", "1", "bob"],
      ["sent", "2", "carol"],
      ["answered", undefined],
    ],
    ["bob", "carol"],
  ],
  [
    "an answer for a version of another session ends nothing",
    [
      ["sent", "1", "bob"],
      ["answered", "9"],
    ],
    ["bob"],
  ],
  [
    "many versions with one end, the newest answered for",
    [
      ["sent", "1", "bob"],
      ["sent", "2", "bob"],
      ["sent", "3", "carol"],
      ["sent", "4", "bob"],
      ["answered", "4"],
    ],
    ["bob"],
  ],
])("%s", (_, steps, expected) => {
  const { ends } = tracked();
  for (const step of steps) {
    if (step[0] === "sent") ends.mayHold("alice", web, step[1], step[2]);
    else ends.answered("alice", () => step[1]);
  }
  expect(["bob", "carol"].filter((end) => ends.of(end).includes("alice"))).toEqual(expected);
});

test("a sender is one as long as any of its policies may be, and changes are told once", () => {
  const { ends, changes } = tracked();
  ends.mayHold("alice", web, "1", "bob");
  ends.mayHold("alice", mail, "1", "bob");
  ends.mayHold("dora", web, "1", "bob");
  ends.answered("alice", (key) => (key === web ? "" : "1"));
  expect(ends.of("bob")).toEqual(["alice", "dora"]);
  ends.forget("alice");
  expect(ends.of("bob")).toEqual(["dora"]);
  expect(changes).toEqual(["alice bob", "dora bob", "alice bob"]);
});
