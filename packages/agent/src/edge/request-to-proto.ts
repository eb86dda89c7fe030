import { create } from "@bufbuild/protobuf";
import type { EntryKey, EntryStatus, PathState } from "@sextant/model";
import {
  EntryStatus as WireEntryStatus,
  PathState as WirePathState,
  type SessionRequest,
  SessionRequestSchema,
} from "@sextant/proto";
import type { DesiredAck } from "../pipeline/install";
import type { AgentReport } from "../pipeline/observe";

/** What an agent says first. */
export interface HelloFacts {
  readonly host: string;
  readonly agentVersion: string;
  readonly kernelRelease: string;
  readonly maxSegments: number;
  readonly term: bigint;
  /** What the packet path of this host can do. */
  readonly features: readonly string[];
  readonly held: readonly { readonly key: EntryKey; readonly revision: string; readonly status: EntryStatus }[];
}

const ENTRY_STATUS = {
  installed: WireEntryStatus.INSTALLED,
  waiting: WireEntryStatus.WAITING,
  rejected: WireEntryStatus.REJECTED,
} as const satisfies Record<EntryStatus, WireEntryStatus>;

const PATH_STATE = {
  unproven: WirePathState.UNPROVEN,
  alive: WirePathState.ALIVE,
  dead: WirePathState.DEAD,
} as const satisfies Record<PathState, WirePathState>;

/** The first message of a session. */
export function helloToProto(hello: HelloFacts): SessionRequest {
  const held = hello.held.map(({ key, revision, status }) => ({ key, revision, status: ENTRY_STATUS[status] }));
  return create(SessionRequestSchema, {
    message: { case: "hello", value: { ...hello, features: [...hello.features], held } },
  });
}

/** An acknowledgement. */
export function ackToProto({ version, entries }: DesiredAck): SessionRequest {
  const states = entries.map((state) => ({ ...state, status: ENTRY_STATUS[state.status] }));
  return create(SessionRequestSchema, { message: { case: "ack", value: { version, entries: states } } });
}

/** A report. Round trips beyond 32 bits of microseconds (71 minutes) are given as that. */
export function reportToProto(report: AgentReport): SessionRequest {
  return create(SessionRequestSchema, {
    message: {
      case: "report",
      value: {
        paths: report.paths.map((path) => ({
          ...path,
          state: PATH_STATE[path.state],
          stateAgeMs: BigInt(path.stateAgeMs),
          roundTripUs: Math.min(path.roundTripUs, 0xffff_ffff),
          meanRoundTripUs: Math.min(path.meanRoundTripUs, 0xffff_ffff),
          jitterUs: Math.min(path.jitterUs, 0xffff_ffff),
          transitions: BigInt(path.transitions),
        })),
        policies: report.policies.map((policy) => ({ ...policy, candidates: [...policy.candidates] })),
        packetsByReason: Object.fromEntries(report.packetsByReason),
        driftRepairs: BigInt(report.driftRepairs),
        uplinks: [...report.uplinks],
      },
    },
  });
}
