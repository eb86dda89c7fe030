import { paint, renderRow, renderTable } from "./table";

describe("tables", () => {
  const rows = [
    ["video-calls", { text: "Ready", tone: "good" } as const],
    ["x", ""],
  ];

  test("columns are as wide as their widest cell; nothing trails", () => {
    expect(renderTable(["NAME", "STATUS"], rows, false)).toEqual(["NAME          STATUS", "video-calls   Ready", "x"]);
  });

  test("colours do not shift columns", () => {
    const [, coloured = ""] = renderTable(["A", "B"], [[{ text: "no", tone: "bad" }, "next"]], true);
    expect(coloured).toBe("\u001b[31mno\u001b[0m   next");
  });

  test("a cell wider than its column pushes the rest along", () => {
    expect(renderRow(["wide", "b"], [2, 1], false)).toBe("wide   b");
  });

  test("plain text is never coloured", () => {
    expect(paint("text", true)).toBe("text");
    expect(paint({ text: "text", tone: "plain" }, true)).toBe("text");
  });
});
