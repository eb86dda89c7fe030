import { loadFailure } from "./load-failure";

describe("a refused program", () => {
  test.each<[string, string, string, string]>([
    ["without the right to load", "EPERM", "", "missing_privilege"],
    ["without BPF in the kernel", "ENOSYS", "", "missing_kernel_feature"],
    [
      "with a helper that this kernel does not know",
      "EINVAL",
      "12: (85) call bpf_check_mtu#163\nunknown func bpf_check_mtu#163",
      "missing_kernel_feature",
    ],
    [
      "with a helper that an older kernel has no name for",
      "EINVAL",
      "invalid func unknown#152",
      "missing_kernel_feature",
    ],
    ["by the verifier", "EACCES", "R1 invalid mem access 'scalar'", "internal"],
  ])("%s", (_sentence, errno, log, code) => {
    expect(loadFailure("sextant_egress", errno, log).code).toBe(code);
  });

  test("shows the end of the verifier's log", () => {
    const log = Array.from({ length: 100 }, (_, i) => `line ${i}`).join("\n");
    const { message } = loadFailure("sextant_egress", "EACCES", `${log}\n`);
    expect(message).toContain("line 99");
    expect(message).not.toContain("line 80");
  });

  test("names the missing feature and the kernel that has it", () => {
    expect(loadFailure("sextant_egress", "EINVAL", "unknown func bpf_check_mtu").message).toMatch(
      /bpf_check_mtu.*5\.12/,
    );
  });
});
