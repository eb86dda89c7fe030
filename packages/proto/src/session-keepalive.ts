/**
 * Channel options of both ends of an agent's session: an idle one is pinged every 10 s, and given up when a ping stays unanswered for 20 s. Longer
 * than a controller ever computes without a pause, because pings are answered in between: otherwise one large apply would cost the sessions of
 * all hosts. Nothing waits for this to notice that a host is gone: reports grow old within seconds.
 */
export const SESSION_KEEPALIVE = {
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 20_000,
} as const;
