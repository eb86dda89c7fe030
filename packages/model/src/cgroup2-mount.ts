/** Mount point of the cgroup v2 hierarchy in the text of /proc/mounts; undefined when it is not mounted. */
export function cgroup2Mount(mounts: string): string | undefined {
  const fields = mounts.split("\n").map((line) => line.split(" "));
  return fields.find(([, , type]) => type === "cgroup2")?.[1]?.replaceAll("\\040", " ");
}
