import { policyKey } from "@sextant/model";
import { HeldLoads } from "./held-loads";

const web = policyKey("web", "bob");

type Step =
  | readonly ["sent", revision: string, load: Readonly<Record<string, number>>]
  /** What the host has for sure, "" for nothing; undefined: not sure. */
  | readonly ["answered", held: string | undefined];

test.each<[string, Step[], Record<string, number>]>([
  ["what was sent may be in force", [["sent", "1", { x: 5, y: 5 }]], { x: 5, y: 5 }],
  [
    "until the answer each link counts the greater of both",
    [
      ["sent", "1", { x: 5, y: 5 }],
      ["sent", "2", { y: 3, z: 3 }],
    ],
    { x: 5, y: 5, z: 3 },
  ],
  [
    "the answer leaves one",
    [
      ["sent", "1", { x: 5, y: 5 }],
      ["sent", "2", { y: 3, z: 3 }],
      ["answered", "2"],
    ],
    { y: 3, z: 3 },
  ],
  [
    "an answer that is not sure leaves both",
    [
      ["sent", "1", { x: 5 }],
      ["sent", "2", { z: 3 }],
      ["answered", undefined],
    ],
    { x: 5, z: 3 },
  ],
  [
    "the same version may be promised more",
    [
      ["sent", "1", { x: 5 }],
      ["sent", "1", { x: 8 }],
    ],
    { x: 8 },
  ],
  [
    "a version that carries nothing, once it is answered for",
    [
      ["sent", "1", { x: 5 }],
      ["sent", "2", {}],
      ["answered", "2"],
    ],
    {},
  ],
  [
    "what has gone",
    [
      ["sent", "1", { x: 5 }],
      ["answered", ""],
    ],
    {},
  ],
  [
    "one version after the other without an answer: the most of all",
    [
      ["sent", "1", { x: 9 }],
      ...["2", "3", "4", "5", "6", "7"].map((revision): Step => ["sent", revision, { y: Number(revision) }]),
    ],
    { x: 9, y: 7 },
  ],
  [
    "and one is left when it is answered for",
    [
      ["sent", "1", { x: 9 }],
      ...["2", "3", "4", "5", "6", "7"].map((revision): Step => ["sent", revision, { y: Number(revision) }]),
      ["answered", "7"],
    ],
    { y: 7 },
  ],
])("%s", (_, steps, expected) => {
  const loads = new HeldLoads();
  for (const step of steps) {
    if (step[0] === "sent") loads.mayHold("alice", web, step[1], new Map(Object.entries(step[2])));
    else loads.answered("alice", () => step[1]);
  }
  expect(Object.fromEntries(loads.of("alice", web))).toEqual(expected);
  expect(["x", "y", "z"].map((link) => loads.carriedBps(link))).toEqual(
    ["x", "y", "z"].map((link) => expected[link] ?? 0),
  );
});

test("a host that is gone for good carries nothing", () => {
  const loads = new HeldLoads();
  loads.mayHold("alice", web, "1", new Map([["x", 5]]));
  loads.mayHold("bob", web, "1", new Map([["x", 3]]));
  loads.forget("alice");
  expect(loads.carriedBps("x")).toBe(3);
});
