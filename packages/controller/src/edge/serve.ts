import { logVerbosity, Server, setLogVerbosity } from "@grpc/grpc-js";
import { AgentService, grpcDefinition, OperatorService, SESSION_KEEPALIVE } from "@sextant/proto";
import { HealthImplementation } from "grpc-health-check";
import type { Controller } from "../runtime/controller";
import type { Log } from "../runtime/log";
import { agentService } from "./agent-service";
import { bind } from "./bind";
import type { ListenAddress } from "./listen-address";
import { type OperatorLimits, operatorService } from "./operator-service";
import { reflectionService } from "./reflection";
import { type CredentialFiles, serverCredentials } from "./server-credentials";

export interface ServeOptions extends OperatorLimits {
  readonly listen: readonly ListenAddress[];
  readonly tls: CredentialFiles | undefined;
  readonly controllerVersion: string;
  readonly log: Log;
}

/** A running server. */
export interface Serving {
  /** As clients write them, ports filled in. */
  readonly addresses: readonly string[];
  /** Says goodbye to health watchers, lets calls finish for a moment, then ends them. */
  close(): Promise<void>;
}

const SERVICES = ["", OperatorService.typeName, AgentService.typeName];
/** Largest message taken: an apply of several large files. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
const MAX_PENDING_HELLOS = 1_024;
const CLOSE_GRACE_MS = 500;

const CHANNEL_OPTIONS = {
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_concurrent_streams": 256,
  // A host that vanished without a word is noticed within 30 s.
  ...SESSION_KEEPALIVE,
  "grpc.keepalive_permit_without_calls": 1,
};

/** Serves a controller over gRPC with health and reflection. When one address cannot be had, none stays open. */
export async function serve(controller: Controller, options: ServeOptions): Promise<Serving> {
  const tls = options.tls && (await serverCredentials(options.tls, Date.now()));
  // What it would print to stderr, in a format of its own, comes back as errors too.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server(CHANNEL_OPTIONS);
  const health = new HealthImplementation(Object.fromEntries(SERVICES.map((name) => [name, "SERVING" as const])));
  const agents = agentService(controller, {
    controllerVersion: options.controllerVersion,
    log: options.log,
    maxPending: MAX_PENDING_HELLOS,
  });
  server.addService(grpcDefinition(OperatorService), operatorService(controller, options));
  server.addService(grpcDefinition(AgentService), agents);
  health.addToServer(server);
  reflectionService().addToServer(server);

  const addresses: string[] = [];
  try {
    for (const address of options.listen) addresses.push(await bind(server, address, tls));
  } catch (error) {
    server.forceShutdown();
    throw error;
  }
  return { addresses, close: () => close(server, health) };
}

async function close(server: Server, health: HealthImplementation): Promise<void> {
  for (const name of SERVICES) health.setStatus(name, "NOT_SERVING");
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), CLOSE_GRACE_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
