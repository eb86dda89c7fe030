import { Lab } from "./lab";

/* Who may not see everything must not judge, let alone remove what looks like a leftover. */
describe("anyone but root", () => {
  beforeAll(() => {
    const getuid = process as { getuid: () => number };
    jest.spyOn(getuid, "getuid").mockReturnValue(65_534);
  });
  afterAll(() => jest.restoreAllMocks());

  test.each([
    ["up", () => Lab.up({ topologyFile: "absent.yaml" })],
    ["open", () => Lab.open("absent")],
    ["list", () => Lab.list()],
    ["down", () => Lab.down("absent")],
  ])("%s says that it needs root", async (_, work) => {
    await expect(work()).rejects.toMatchObject({ code: "missing_privilege" });
  });

  test("an interrupted up says so, whatever failed on the way", async () => {
    const up = Lab.up({ topologyFile: "absent.yaml", signal: AbortSignal.abort() });
    await expect(up).rejects.toMatchObject({
      code: "lab_failed",
      message: expect.stringContaining("interrupted") as string,
    });
  });
});
