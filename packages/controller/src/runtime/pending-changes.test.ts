import { PendingChanges } from "./pending-changes";

test("one after the other; too many that wait are refused, and the next one after that is taken", async () => {
  const changes = new PendingChanges();
  const done: number[] = [];
  let release = (): void => undefined;
  const first = changes.run(() => new Promise<void>((resolve) => (release = resolve)));
  const waiting = Array.from({ length: 63 }, (_, i) => changes.run(() => Promise.resolve(done.push(i))));
  await expect(changes.run(() => Promise.resolve())).rejects.toMatchObject({ code: "resource_exhausted" });
  release();
  await Promise.all([first, ...waiting]);
  expect(done).toEqual(Array.from({ length: 63 }, (_, i) => i));
  await expect(changes.run(() => Promise.resolve("taken"))).resolves.toBe("taken");
});

test("a change that fails counts no more, and stops no other", async () => {
  const changes = new PendingChanges();
  const failed = changes.run(() => Promise.reject(new Error("disk")));
  await expect(failed).rejects.toThrow("disk");
  await expect(changes.run(() => Promise.resolve(1))).resolves.toBe(1);
});
