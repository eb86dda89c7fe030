import { targetsOf } from "./delete";

const document = (kind: string, name: string, spec: string) =>
  `apiVersion: sextant.dev/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: ${spec}\n---\n`;
const topology = document("Topology", "t", '{locatorBlock: "fcbb:bb00::/32", nodes: [{name: r, nodeId: 1}]}');
const intent = document("Intent", "i", "{from: {hosts: [a]}, to: {hosts: [b]}, objective: {minimize: igp}}");

test("intents go before the topology that they refer to, whatever the order of the files", () => {
  expect(
    targetsOf([
      { name: "a.yaml", content: topology },
      { name: "b.yaml", content: intent },
    ]),
  ).toEqual([
    { kind: "Intent", names: ["i"] },
    { kind: "Topology", names: ["t"] },
  ]);
});

test("a faulty file deletes nothing", () => {
  expect(() => targetsOf([{ name: "a.yaml", content: "kind: Intnt\n" }])).toThrow(
    expect.objectContaining({ code: "invalid_document" }),
  );
});
