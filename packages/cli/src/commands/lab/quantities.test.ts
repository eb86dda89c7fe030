import { parseDurationUs, parseLossPpm, parseMtu, parseRateMbps } from "./quantities";

test.each([
  ["500ms", 500_000],
  ["250us", 250],
  ["1.5s", 1_500_000],
  ["0ms", 0],
])("the time %s is %d us", (text, us) => {
  expect(parseDurationUs(text)).toBe(us);
});

test.each([
  ["100mbit", 100],
  ["64kbit", 0.064],
  ["1gbit", 1_000],
  ["none", 0],
])("the rate %s is %d Mbit/s", (text, mbps) => {
  expect(parseRateMbps(text)).toBe(mbps);
});

test.each([
  ["1%", 10_000],
  ["0.05%", 500],
  ["100%", 1_000_000],
])("the loss %s is %d ppm", (text, ppm) => {
  expect(parseLossPpm(text)).toBe(ppm);
});

test("an MTU is bytes", () => {
  expect(parseMtu("1400")).toBe(1_400);
});

test.each([
  ["no unit", () => parseDurationUs("500")],
  ["an unknown unit", () => parseDurationUs("5min")],
  ["a negative time", () => parseDurationUs("-5ms")],
  ["a rate in bytes", () => parseRateMbps("5MB")],
  ["more than everything lost", () => parseLossPpm("101%")],
  ["nothing", () => parseLossPpm("")],
  ["an MTU with a unit", () => parseMtu("1500b")],
])("%s is refused", (_what, parse) => {
  expect(parse).toThrow(expect.objectContaining({ code: "invalid_argument" }));
});
