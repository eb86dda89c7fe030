import type { ServerDuplexStream, UntypedServiceImplementation } from "@grpc/grpc-js";
import { SextantError } from "@sextant/model";
import type { Hello, SessionRequest, SessionResponse } from "@sextant/proto";
import type { Controller } from "../runtime/controller";
import type { Session } from "../runtime/session";
import type { SessionPort } from "../runtime/host";
import type { Log } from "../runtime/log";
import { peerOf, requireAgentOf } from "./peer";
import { ReportQueue } from "./report-queue";
import { serviceError } from "./service-error";
import { ackFromProto, helloFromProto, reportFromProto } from "./session-from-proto";
import { deltaToProto, linkStateToProto, welcomeToProto } from "./session-to-proto";

/** How long an agent may take to introduce itself. */
const HELLO_TIMEOUT_MS = 10_000;

type Stream = ServerDuplexStream<SessionRequest, SessionResponse>;

/** Where one stream is. */
type Phase =
  | { readonly kind: "awaiting_hello"; readonly timer: NodeJS.Timeout }
  | { readonly kind: "established"; readonly session: Session }
  | { readonly kind: "ended" };

/** What the service needs to know beyond its controller. */
export interface AgentServiceOptions {
  readonly controllerVersion: string;
  readonly log: Log;
  /** Streams that have not said hello yet; more are refused. */
  readonly maxPending: number;
}

/** The agents' service over a controller. */
export function agentService(controller: Controller, options: AgentServiceOptions): UntypedServiceImplementation {
  const pending = new Set<Stream>();
  const reports = new ReportQueue<Session>();
  return {
    session: (stream: Stream) => {
      if (pending.size >= options.maxPending) {
        const message = `${options.maxPending} agents are introducing themselves already: dial again later`;
        stream.emit("error", serviceError(new SextantError("resource_exhausted", message)));
        return;
      }
      new AgentStream(stream, controller, options, pending, reports);
    },
  };
}

/** One stream: turns messages into calls of the controller, and failures into the stream's status. */
class AgentStream {
  #phase: Phase;

  constructor(
    private readonly stream: Stream,
    private readonly controller: Controller,
    private readonly options: AgentServiceOptions,
    private readonly pending: Set<Stream>,
    private readonly reports: ReportQueue<Session>,
  ) {
    const timer = setTimeout(() => {
      this.#refuse(new SextantError("unavailable", `no hello within ${HELLO_TIMEOUT_MS} ms`));
    }, HELLO_TIMEOUT_MS);
    this.#phase = { kind: "awaiting_hello", timer };
    pending.add(stream);
    stream.on("data", (request: SessionRequest) => {
      this.#guard(() => {
        this.#received(request);
      });
    });
    stream.on("end", () => {
      this.#end();
      stream.end();
    });
    stream.on("cancelled", () => this.#end());
    stream.on("close", () => this.#end());
    stream.on("error", () => this.#end());
  }

  #received({ message }: SessionRequest): void {
    const phase = this.#phase;
    switch (phase.kind) {
      case "awaiting_hello":
        if (message.case !== "hello") throw protocolError("the first message of a session must be a hello");
        this.#greet(message.value);
        return;
      case "established":
        this.#serve(phase.session, message);
        return;
      case "ended":
    }
  }

  #greet(wire: Hello): void {
    const peer = peerOf(this.stream);
    requireAgentOf(peer, wire.host);
    const port: SessionPort = {
      peer: peer.address,
      send: (delta) => {
        this.#guard(() => this.stream.write(deltaToProto(delta)));
      },
      sendLinkState: (version, down, onSent) => {
        this.#guard(() => this.stream.write(linkStateToProto(version, down), onSent));
      },
      close: (reason) => this.#fail(reason),
    };
    const session = this.controller.connect(helloFromProto(wire), port);
    this.#leavePending();
    this.#phase = { kind: "established", session };
    this.stream.write(welcomeToProto(this.controller.term, this.options.controllerVersion, this.controller.settings));
  }

  #serve(session: Session, message: SessionRequest["message"]): void {
    switch (message.case) {
      case "hello":
        throw protocolError("a session has one hello, this is the second");
      case "ack":
        this.reports.flush(session);
        session.acknowledge(ackFromProto(message.value));
        return;
      case "report": {
        const report = reportFromProto(message.value);
        this.reports.put(session, () => this.#guard(() => session.report(report)));
        return;
      }
      case undefined:
      // A newer agent may say things that this controller does not understand; they are passed over.
    }
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (thrown) {
      this.#refuse(thrown);
    }
  }

  /** Ends the stream for what its agent did, and tells this side's operator too. Agents back off, and so does the log. */
  #refuse(reason: unknown): void {
    if (this.#phase.kind === "ended") return;
    const { code, message } = SextantError.from(reason);
    this.options.log.warn({ stage: "push", peer: peerOf(this.stream).address, code }, `session refused: ${message}`);
    this.controller.noteRefusal(this.#phase.kind === "established" ? this.#phase.session.host : undefined, message);
    this.#fail(reason);
  }

  /** Ends the stream with a status. */
  #fail(reason: unknown): void {
    if (this.#phase.kind === "ended") return;
    this.#end();
    this.stream.emit("error", serviceError(reason));
  }

  #end(): void {
    const phase = this.#phase;
    this.#leavePending();
    this.#phase = { kind: "ended" };
    if (phase.kind !== "established") return;
    this.reports.flush(phase.session);
    phase.session.disconnect();
  }

  #leavePending(): void {
    if (this.#phase.kind === "awaiting_hello") clearTimeout(this.#phase.timer);
    this.pending.delete(this.stream);
  }
}

function protocolError(message: string): SextantError {
  return new SextantError("invalid_argument", message);
}
