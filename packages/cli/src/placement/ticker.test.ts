import { Ticker } from "./ticker";

test("nothing for two seconds, then a line every two", () => {
  const said: string[] = [];
  let now = 0;
  const ticker = new Ticker(
    (line) => said.push(line),
    () => now,
  );
  for (now = 0; now <= 5_000; now += 500) ticker.tick("at work");
  expect(said).toEqual(["at work after 2 s", "at work after 4 s"]);
});
