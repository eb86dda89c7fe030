import type { PolicyReservation } from "@sextant/controller";
import type { Condition, Encapsulation, PathMetrics, PathState, Pin } from "@sextant/model";
import type { Resource } from "./resource";

/** What this program reads of a status; docs/reference/status.md describes the whole. */
export interface ListStatus {
  readonly list?: string;
  /** Absent when the host has not reported on it. */
  readonly state?: PathState;
  /** The host's own word for why the state is what it is; absent when there is nothing special. */
  readonly reason?: string;
  /** Alive, but left alone while another list can be used. */
  readonly withheld?: boolean;
  /** Ways back that are dead while the path is alive: 1 the first, 2 the alternate, added up. */
  readonly deadReturns?: number;
  /** RFC 3339. */
  readonly since?: string;
  readonly roundTripUs?: number;
  readonly lossPpm?: number;
  readonly packets?: number;
  readonly bytes?: number;
}

export interface SegmentListStatus extends ListStatus {
  readonly weight: number;
  readonly encapsulation: Encapsulation;
  readonly signingKeyId?: number;
  /** Absent where the controller knows lists of one kind only. */
  readonly pin?: Pin;
  /** Binding SIDs among its segments. */
  readonly bindings?: readonly string[];
  readonly segments: readonly string[];
  /** The probe loop that comes back another way; absent where the controller knows none. */
  readonly alternateProbeSegments?: readonly string[];
  /** Its own path, where the candidate has several lists. */
  readonly nodes?: readonly string[];
  readonly links?: readonly string[];
}

export interface CandidateStatus {
  readonly preference: number;
  readonly exact: boolean;
  readonly nodes: readonly string[];
  readonly links: readonly string[];
  readonly metrics: Omit<PathMetrics, "bottleneckMbps" | "utilisationPercent"> &
    Partial<Pick<PathMetrics, "bottleneckMbps" | "utilisationPercent">>;
  readonly segmentLists: readonly SegmentListStatus[];
  readonly packets?: number;
  readonly bytes?: number;
}

export interface PolicyStatus {
  readonly host: string;
  readonly endpoint: string;
  readonly direction: "forward" | "return";
  /** Absent when no mode is possible. */
  readonly mode?: string;
  readonly candidates: readonly CandidateStatus[];
  readonly noPath?: { readonly reason: string; readonly message: string };
  /** Present when the intent reserves bandwidth. */
  readonly reservation?: PolicyReservation;
  readonly exemptions?: {
    readonly nodes: readonly string[];
    readonly links: readonly string[];
    readonly srlgs: readonly string[];
  };
  readonly conditions: readonly Condition[];
  readonly installedGeneration?: number;
  /** Index in `candidates`, -1 when none is alive; absent when not reported. */
  readonly activeCandidate?: number;
  readonly packets?: number;
  readonly bytes?: number;
}

export interface IntentStatus {
  readonly conditions: readonly Condition[];
  readonly policies: readonly PolicyStatus[];
  /** Of an intent that reserves bandwidth: its place in the order of admission. */
  readonly order?: number;
}

export interface HostStatus {
  readonly session: {
    readonly state: "never" | "disconnected" | "connected";
    readonly since?: string;
    readonly peer?: string;
    readonly agentVersion?: string;
    readonly kernelRelease?: string;
    readonly maxSegments?: number;
    readonly features?: readonly string[];
    readonly sentVersion?: number;
    readonly ackedVersion?: number;
  };
  readonly refused?: { readonly at: string; readonly message: string };
  readonly desiredEntries: number;
  readonly currentEntries?: number;
  readonly notInstalledEntries?: number;
  readonly notInstalled?: readonly {
    readonly key: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
  /** In the kernel, with something to say all the same. */
  readonly noted?: readonly { readonly key: string; readonly reason: string; readonly message: string }[];
  readonly lastReport?: { readonly at: string; readonly stale: boolean };
  readonly packetsByReason?: Readonly<Record<string, number>>;
  readonly driftRepairs?: number;
  readonly uplinks?: readonly { readonly interface: string; readonly packets: number; readonly bytes: number }[];
}

export interface PathStatus extends ListStatus {
  readonly host: string;
  readonly encapsulation: Encapsulation;
  readonly signingKeyId?: number;
  readonly segments: readonly string[];
  readonly probeSegments: readonly string[];
  /** The loop that comes back another way; absent where the controller knows none. */
  readonly alternateProbeSegments?: readonly string[];
  readonly policies: readonly string[];
  readonly stale: boolean;
  readonly probesSent?: number;
  readonly probesReturned?: number;
}

/** What the controller finds of a link. */
export interface LinkHealth {
  readonly state: "up" | "suspected" | "down" | "probation";
  /** In (0, 1]: how sure it is that the link is broken; absent when it is up. */
  readonly suspicion?: number;
  /** Nodes that the broken directions leave. */
  readonly from?: readonly string[];
  /** RFC 3339. */
  readonly since?: string;
  /** RFC 3339. When it will be used again if it goes on to work. */
  readonly trustedAt?: string;
  /** Who says so. */
  readonly message?: string;
}

/** Status of an Intent resource; one that was not computed yet has no policies. */
export function intentStatusOf({ status }: Resource): IntentStatus {
  const { conditions = [], policies = [], order } = status as unknown as Partial<IntentStatus>;
  return { conditions, policies, ...(order === undefined ? {} : { order }) };
}

/** Status of a Host resource. */
export function hostStatusOf({ status }: Resource): HostStatus {
  return status as unknown as HostStatus;
}

/** Status of a Path resource. */
export function pathStatusOf({ status }: Resource): PathStatus {
  return status as unknown as PathStatus;
}

/** Health of a Link resource; undefined when its controller does not say. */
export function linkHealthOf({ status }: Resource): LinkHealth | undefined {
  return status["health"] as unknown as LinkHealth | undefined;
}
