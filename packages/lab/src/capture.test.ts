import { joinContinued } from "./capture";

test("continuation lines belong to the packet before them", () => {
  expect(joinContinued(["12:00 IP6 a", "    inner b", "\tinner c", "", "12:01 IP6 d"])).toEqual([
    "12:00 IP6 a inner b inner c",
    "12:01 IP6 d",
  ]);
});
