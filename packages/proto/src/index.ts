export * from "./gen/sextant/v1/agent_pb";
export * from "./gen/sextant/v1/operator_pb";
export * from "./grpc";
export * from "./server-identity";
export * from "./session-keepalive";
