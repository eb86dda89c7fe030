export { type DirectionCounters, Lab, type LinkName, type LinkProperties, type LinkShape } from "./lab";
export { DEFAULT_EMULATION, DEFAULT_IGP_DELAY_MS, type LabUpOptions } from "./lab-options";
export type { LabLink, LabNode, LabPlan, LinkEnd } from "./plan";
export type { ExecOptions, ExecResult } from "./exec";
export type { Capture, CaptureOptions } from "./capture";
export type { TlsFiles } from "./certificates";
export type { DaemonName } from "./daemons/daemons";
export { counterDifference, type LinkCounters, type LinkEndCounters } from "./network/counters";
export type { SignaturePolicy } from "./network/signatures";
export type { WorkloadOptions } from "./network/workloads";
export type { Direction, DirectionSettings, LinkState } from "./network/link-settings";
export { labNameOfFile } from "./load-topology";
export type { LabStatus, LinkStatus, NodeStatus, ProcessState } from "./status";
export type {
  TcpOptions,
  TcpResult,
  TcpTraffic,
  UdpStream,
  UdpStreamOptions,
  UdpStreamResult,
} from "./traffic/traffic";
export type { LostRun, UdpStatistics } from "./traffic/udp-statistics";
