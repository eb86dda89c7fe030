import { Lab } from "./lab";

/* Who may not see everything must not judge, let alone remove what looks like a leftover. */
describe("anyone but root", () => {
  /** Starts work with the rights of user nobody; they are back before anything else happens. */
  function asNobody<T>(work: () => Promise<T>): Promise<T> {
    process.seteuid?.(65_534);
    try {
      return work();
    } finally {
      process.seteuid?.(0);
    }
  }

  test.each([
    ["up", () => Lab.up({ topologyFile: "absent.yaml" })],
    ["open", () => Lab.open("absent")],
    ["list", () => Lab.list()],
    ["down", () => Lab.down("absent")],
  ])("%s says that it needs root", async (_, work) => {
    await expect(asNobody<unknown>(work)).rejects.toMatchObject({ code: "missing_privilege" });
  });

  test("an interrupted up says so, whatever failed on the way", async () => {
    const up = asNobody(() => Lab.up({ topologyFile: "absent.yaml", signal: AbortSignal.abort() }));
    await expect(up).rejects.toMatchObject({
      code: "lab_failed",
      message: expect.stringContaining("interrupted") as string,
    });
  });
});
