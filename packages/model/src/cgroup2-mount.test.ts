import { cgroup2Mount } from "./cgroup2-mount";

test.each([
  ["where it is mounted", "none /c cgroup2 rw 0 0\n", "/c"],
  ["with spaces", "cgroup2 /sys/fs/cgroup/a\\040b cgroup2 rw 0 0\n", "/sys/fs/cgroup/a b"],
  ["beside the older hierarchies", "cgroup /c cgroup rw 0 0\nnone /c/unified cgroup2 rw 0 0\n", "/c/unified"],
  ["nowhere", "tmpfs /sys/fs/cgroup tmpfs rw 0 0\n", undefined],
])("the hierarchy is %s", (_, mounts, mount) => {
  expect(cgroup2Mount(mounts)).toBe(mount);
});
