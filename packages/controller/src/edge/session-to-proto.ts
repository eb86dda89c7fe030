import { create } from "@bufbuild/protobuf";
import type { HostSettings } from "@sextant/model";
import { type SessionResponse, SessionResponseSchema } from "@sextant/proto";
import type { DesiredDelta } from "../runtime/session-state";
import { entryToProto } from "./entry-to-proto";

/** The first message of a session. */
export function welcomeToProto(term: bigint, controllerVersion: string, settings: HostSettings): SessionResponse {
  return create(SessionResponseSchema, { message: { case: "welcome", value: { term, controllerVersion, settings } } });
}

/** Which directions of links are broken. */
export function linkStateToProto(version: number, down: readonly bigint[]): SessionResponse {
  const value = { version: BigInt(version), down: [...down] };
  return create(SessionResponseSchema, { message: { case: "linkState", value } });
}

/** A delta of desired state. */
export function deltaToProto({ version, upserts, removals, full }: DesiredDelta): SessionResponse {
  const value = { version: BigInt(version), upserts: upserts.map(entryToProto), removals: [...removals], full };
  return create(SessionResponseSchema, { message: { case: "delta", value } });
}
