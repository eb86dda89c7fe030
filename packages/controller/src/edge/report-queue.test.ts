import { ReportQueue } from "./report-queue";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Keeps the process busy for longer than reports may at a time. */
function work(): void {
  for (const startMs = performance.now(); performance.now() - startMs < 6; );
}

let queue: ReportQueue<object>;
let taken: string[];
beforeEach(() => {
  queue = new ReportQueue();
  taken = [];
});
const say = (session: object, name: string) => queue.put(session, () => taken.push(name));

test("while there is time, every report is taken in at once", () => {
  const a = {};
  for (const name of ["a1", "a2", "a3"]) say(a, name);
  expect(taken).toEqual(["a1", "a2", "a3"]);
});

test("beyond that, of what a session says the last is taken in; who came first is first", async () => {
  const [a, b] = [{}, {}];
  queue.put({}, work);
  say(a, "a1");
  say(b, "b1");
  for (const name of ["a2", "a3"]) say(a, name);
  expect(taken).toEqual([]);
  await turn();
  expect(taken).toEqual(["a3", "b1"]);
  say(a, "a4");
  expect(taken).toEqual(["a3", "b1", "a4"]);
});

test("a session that goes on to talk does not keep another one waiting, and others are served in between", async () => {
  const talker = {};
  const talk = () => {
    taken.push("talker");
    work();
  };
  queue.put(talker, talk);
  queue.put(talker, talk);
  queue.put({}, () => {
    taken.push("quiet");
    work();
  });
  for (let i = 0; i < 3; i++) {
    queue.put(talker, talk);
    await turn();
    taken.push("other");
  }
  expect(taken).toEqual(["talker", "talker", "other", "quiet", "other", "talker", "other"]);
});

test("what waits is taken in at once when something comes after it, and only once", async () => {
  const session = {};
  queue.put({}, work);
  say(session, "said");
  queue.flush(session);
  queue.flush(session);
  await turn();
  expect(taken).toEqual(["said"]);
});
