import { ipv6 } from "@sextant/model";
import { type Environment, found, missing } from "../../packages/agent/src/reconcile/environment";

/** MTU of the uplink of `memoryEnvironment`. */
export const UPLINK_MTU = 1_500;

/** A host on which every segment has a route and nothing else is there, but for what is given. */
export function memoryEnvironment(given: Partial<Environment> = {}): Environment {
  return {
    routeTo: () => ({ nextHop: { ifindex: 2, gateway: ipv6("2001:db8:b::ff") }, mtu: UPLINK_MTU }),
    cgroupOf: () => missing("cgroup_missing", "no cgroup here"),
    uidOf: () => missing("user_unknown", "no user here"),
    executableOf: () => missing("executable_missing", "no program here"),
    addressesOf: () => missing("dns_unresolved", "no name here"),
    signingKey: () => missing("key_missing", "no key here"),
    ...given,
  };
}

/** A host on which everything is there. */
export function fullEnvironment(): Environment {
  return memoryEnvironment({
    cgroupOf: ({ cgroup = "" }) => found({ id: BigInt(cgroup.length + 1), level: cgroup.split("/").length }),
    uidOf: () => found(1_000),
    executableOf: () => found({ device: 8, inode: 9n }),
    addressesOf: () => found({ addresses: [ipv6("2001:db8:d::1")], stale: undefined }),
    signingKey: (id) => found({ id, secret: new TextEncoder().encode("secret") }),
  });
}
