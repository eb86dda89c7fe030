import { parseSigningKeys } from "./signing-keys";

test("keys in files and here", () => {
  const { keys, issues } = parseSigningKeys(
    "k.yaml",
    "keys:\n- {id: 1, secretFile: one}\n- {id: 2, secretHex: 0aff}\n",
  );
  expect(issues).toEqual([]);
  expect(keys).toEqual([
    { id: 1, secretFile: "one" },
    { id: 2, secretHex: "0aff" },
  ]);
});

test.each([
  ["no YAML", "keys: [", "1:"],
  ["nothing", "", "1:1"],
  ["two documents", "keys: []\n---\nkeys: []\n", "1:1"],
  ["no number", "keys:\n- {secretFile: a}\n", "2:"],
  ["key 0", "keys:\n- {id: 0, secretFile: a}\n", "2:"],
  ["no secret", "keys:\n- {id: 1}\n", "2:"],
  ["two secrets", "keys:\n- {id: 1, secretFile: a, secretHex: 00}\n", "2:"],
  ["half a byte", "keys:\n- {id: 1, secretHex: 'abc'}\n", "2:"],
  ["the same number twice", "keys:\n- {id: 1, secretFile: a}\n- {id: 1, secretFile: b}\n", "3:"],
  ["an unknown field", "keys:\n- {id: 1, secretFile: a, secret: b}\n", "2:"],
])("refused with its place: %s", (_, text, place) => {
  const { keys, issues } = parseSigningKeys("k.yaml", text);
  expect(keys).toEqual([]);
  const [issue] = issues;
  expect(`${issue?.at.line ?? 0}:${issue?.at.column ?? 0}`).toMatch(new RegExp(`^${place}`));
});
