import { statSync } from "node:fs";
import { executableOf, kernelDevice } from "./executables";

test("a program is known by its file, through links", () => {
  const { ino } = statSync(process.execPath, { bigint: true });
  expect(executableOf("/proc/self/exe")).toMatchObject({ kind: "found", value: { inode: ino } });
  expect(executableOf(process.execPath)).toEqual(executableOf("/proc/self/exe"));
});

test.each([["/no/such/program"], ["/etc/passwd/below"], ["/etc"]])("%s is no program", (path) => {
  expect(executableOf(path)).toMatchObject({ kind: "missing", reason: "executable_missing" });
});

test.each([
  ["8:1", 0x801n, 0x80_0001],
  ["259:3", 0x1_0303n, 0x1030_0003],
  ["minor beyond a byte", 0x100_0801n, 0x0080_1001],
])("device %s as the kernel keeps it", (_, dev, expected) => {
  expect(kernelDevice(dev)).toBe(expected);
});
