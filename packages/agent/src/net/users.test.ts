import { uidsFromPasswd, Users } from "./users";

test("numbers stand for themselves, names are looked up", async () => {
  const users = new Users();
  await users.refresh(["root", "no-such-user", "4242"], 0);
  expect(users.uidOf("root")).toEqual({ kind: "found", value: 0 });
  expect(users.uidOf("4242")).toEqual({ kind: "found", value: 4242 });
  expect(users.uidOf("no-such-user")).toMatchObject({ kind: "missing", reason: "user_unknown" });
});

test("asked again when the file of users is another, or after a while, and not in between", async () => {
  const asked: string[][] = [];
  let text = "";
  let changedAt = 1;
  const lookup = (names: readonly string[]) => {
    asked.push([...names]);
    return Promise.resolve(text);
  };
  const users = new Users(lookup, () => changedAt);
  await users.refresh(["video", "video", "7"], 0);
  await users.refresh(["video"], 1_000);
  expect(users.uidOf("video").kind).toBe("missing");
  text = "video:x:1001:1001::/:/bin/sh\n";
  changedAt = 2;
  await users.refresh(["video"], 2_000);
  expect(users.uidOf("video")).toEqual({ kind: "found", value: 1001 });
  await users.refresh(["video"], 60_000);
  expect(asked).toEqual([["video"], ["video"], ["video"]]);
});

test("lines that are none are skipped", () => {
  expect(uidsFromPasswd("a:x:1:1\nb\n\nc:x:-1:0\nd:x:4294967295:0\n")).toEqual(new Map([["a", 1]]));
});
