import type { ControllerEvent } from "../../../packages/cli/src/controller-event";
import { type PathStatus, pathStatusOf } from "../../../packages/cli/src/status";
import type { LocalList } from "../../../packages/agent/src/state/local-lists";
import type { Rig } from "./rig";

/** The primary path of `calls` as those see it who watch it. */
export class PrimaryPath {
  private constructor(
    private readonly rig: Rig,
    /** Its name at the controller: `desk/` and the digits of its list. */
    readonly name: string,
    private readonly segments: string,
  ) {}

  /** The list that `calls` prefers now. */
  static async of(rig: Rig): Promise<PrimaryPath> {
    const [segments = ""] = await rig.segments("calls");
    const resource = (await rig.observeAll("Path")).find(
      (path) => pathStatusOf(path).host === "desk" && pathStatusOf(path).segments.join(" ") === segments,
    );
    if (resource === undefined) throw new Error(`no path has the segments ${segments}`);
    return new PrimaryPath(rig, resource.name, segments);
  }

  /** As `sextant get paths` has it. */
  async reported(): Promise<PathStatus> {
    return pathStatusOf(await this.rig.observe("Path", this.name));
  }

  /** As the host's kernel has it. */
  async local(): Promise<LocalList> {
    const { lists } = await this.rig.agentStatus("desk");
    const list = lists.find(({ segments }) => segments.join(" ") === this.segments);
    if (list === undefined) throw new Error(`the kernel has no list ${this.segments}`);
    return list;
  }

  /** What has been told of it since the controller started, oldest first. */
  async events(): Promise<ControllerEvent[]> {
    const { stdout } = await this.rig.sextant(["events", "--for", `path/${this.name}`, "-o", "json"]);
    return (JSON.parse(stdout) as { items: ControllerEvent[] }).items;
  }

  /** How often it has been told to be dead, or alive and left alone. */
  async failures(): Promise<number> {
    const failed = (await this.events()).filter(({ reason }) => reason === "PathDead" || reason === "PathWithheld");
    return failed.reduce((sum, { count }) => sum + count, 0);
  }
}
