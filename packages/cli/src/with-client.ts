import type { ConnectionOptions } from "./connection-options";
import { OperatorClient } from "./edge/operator-client";

/** Runs `use` with a connection to the controller and lets go of it whatever happens. */
export async function withClient<T>(
  options: ConnectionOptions,
  use: (client: OperatorClient) => Promise<T>,
): Promise<T> {
  const client = new OperatorClient(options);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}
