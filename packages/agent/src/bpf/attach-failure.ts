import { SextantError } from "@sextant/model";
import { interfaceGone } from "./interface-kind";
import { missing } from "./load-failure";

/** What a kernel lacks when attaching fails with `error`. */
export interface HookFeature {
  readonly error: string;
  readonly feature: string;
  readonly since: string;
}

/** Turns a failed attachment into the error that the operator sees. */
export function attachFailure(ifindex: number, error: string, needed: HookFeature): SextantError {
  if (error === "ENODEV") return interfaceGone(ifindex);
  if (error === "EPERM") {
    return new SextantError("missing_privilege", `interface ${ifindex}: attaching needs CAP_NET_ADMIN, run as root`);
  }
  if (error === needed.error) return missing(`interface ${ifindex}`, needed.feature, needed.since);
  return new SextantError("internal", `interface ${ifindex}: the program cannot be attached (${error})`);
}
