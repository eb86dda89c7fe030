import fc from "fast-check";

/** What belongs nowhere, or means something else than it seems to. */
const JUNK = [
  ...[
    "NaN",
    ".nan",
    ".inf",
    "-1",
    "-0",
    "1e999",
    "1e3",
    "0x10",
    "0o17",
    "Infinity",
    "1_000",
    "99999999999999999999",
    "~",
  ],
  ...["", "\n", "\t", "\r", " ", "  ", "\u0000", "\ufeff", "\ud800", "\u2028", "__proto__", "constructor"],
  ...[
    "- ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "#",
    "&a ",
    "*a",
    "!!",
    "!!js/function ",
    "| ",
    "> ",
    "<<: *a",
    "? ",
    "---\n",
    "%YAML 9\n",
  ],
];

/** A text with some pieces cut out, replaced by what does not belong there, or copied to another place. */
export function spoiltText(text: string, more: readonly string[] = []): fc.Arbitrary<string> {
  const place = fc.nat({ max: text.length });
  const edit = fc.record({
    at: place,
    cut: fc.oneof(fc.nat({ max: 12 }), fc.constant(0)),
    put: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...JUNK, ...more) },
      { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
      {
        weight: 2,
        arbitrary: fc.tuple(place, fc.nat({ max: 60 })).map(([from, length]) => text.slice(from, from + length)),
      },
    ),
  });
  return fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) => edits.reduce((now, { at, cut, put }) => now.slice(0, at) + put + now.slice(at + cut), text));
}
