import { SextantError } from "./error";

describe("SextantError", () => {
  test("one of ours passes through unchanged", () => {
    const error = new SextantError("not_found", "no intent");
    expect(SextantError.from(error, "internal")).toBe(error);
  });

  test.each([new Error("boom"), "boom"])("anything else is wrapped with its cause", (thrown) => {
    const error = SextantError.from(thrown, "unavailable");
    expect(error).toMatchObject({ code: "unavailable", message: "boom", cause: thrown });
  });
});
