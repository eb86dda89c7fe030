import { dirname, join } from "node:path";
import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";

const FILES = ["sextant/v1/agent.proto", "sextant/v1/operator.proto"];

/**
 * The reflection service, which wants definitions of proto-loader: they are read from the .proto files that the proto package
 * carries, wherever it is installed.
 */
export function reflectionService(): ReflectionService {
  const root = join(dirname(require.resolve("@sextant/proto/package.json")), "proto");
  return new ReflectionService(loadSync(FILES, { includeDirs: [root], keepCase: true }));
}
