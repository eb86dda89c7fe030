import { type ErrorCode, SextantError } from "@sextant/model";

/** Lines of the verifier's log that are worth showing: the verdict is at its end. */
const LOG_TAIL_LINES = 12;

/** What the programs need beyond loading at all, as the verifier names it, and the first kernel that has it. */
const FEATURES: readonly { readonly pattern: RegExp; readonly feature: string; readonly since: string }[] = [
  { pattern: /unknown func bpf_check_mtu/, feature: "bpf_check_mtu", since: "5.12" },
  { pattern: /unknown func bpf_redirect_neigh/, feature: "bpf_redirect_neigh", since: "5.10" },
  { pattern: /invalid func unknown#163/, feature: "bpf_check_mtu", since: "5.12" },
  { pattern: /invalid func unknown#152/, feature: "bpf_redirect_neigh", since: "5.10" },
  { pattern: /BPF_(STX|ATOMIC) uses reserved fields|unknown opcode db/, feature: "BPF atomics", since: "5.12" },
];

/** Turns a failed load into the error that the operator sees. `log` is the verifier's. */
export function loadFailure(program: string, errno: string, log: string): SextantError {
  if (errno === "EPERM") {
    return new SextantError(
      "missing_privilege",
      `${program} cannot be loaded: run as root, or with CAP_BPF and CAP_NET_ADMIN`,
    );
  }
  if (errno === "ENOSYS") return missing(`${program} cannot be loaded`, "BPF (CONFIG_BPF_SYSCALL)", "5.12");
  const feature = FEATURES.find(({ pattern }) => pattern.test(log));
  if (feature !== undefined) return missing(`${program} cannot be loaded`, feature.feature, feature.since);
  const tail = log.trimEnd().split("\n").slice(-LOG_TAIL_LINES).join("\n");
  return new SextantError(
    "internal",
    `${program} was refused by the kernel (${errno}); the verifier's last words:\n${tail}`,
  );
}

/** The error for a kernel that is too old, naming what it lacks and since when there is a kernel that has it. */
export function missing(what: string, feature: string, since: string): SextantError {
  const code: ErrorCode = "missing_kernel_feature";
  return new SextantError(code, `${what}: this kernel lacks ${feature}, which Linux ${since} has`);
}
