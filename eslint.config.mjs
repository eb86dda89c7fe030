// Type-aware lint plus the import rules of ARCHITECTURE.md. Formatting belongs to biome alone.
import tseslint from "typescript-eslint";

/** Forbids imports in one package, each with the reason a developer should read. */
const forbid = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { "no-restricted-imports": ["error", { patterns: patterns.map(([group, message]) => ({ group, message })) }] },
});

const FFI = [["koffi"], "FFI lives in packages/agent/src/bpf/ffi.ts alone."];
const WIRE = [
  ["@sextant/proto", "@bufbuild/protobuf", "@grpc/*"],
  "Wire types stop at the edge: import them in src/edge only.",
];

export default tseslint.config(
  // The assembly is another language, and its compiler checks it.
  {
    ignores: ["**/dist/**", "**/build/**", "**/src/gen/**", "packages/controller/assembly/**", "**/*.mjs", "**/*.cjs"],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: ["./test/tsconfig.json"], tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  {
    // jest's matchers and parsed JSON are `any` by their own types; assertions are what checks them.
    files: ["**/*.test.ts", "test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
  forbid(
    ["packages/model/src/**"],
    [[["@sextant/*"], "model imports nothing of ours."], [["node:*", "!node:crypto"], "model does no I/O."], FFI],
    ["**/*.test.ts"],
  ),
  forbid(
    ["packages/metrics/src/**"],
    [[["@sextant/*", "!@sextant/model"], "metrics imports model alone of ours."], WIRE, FFI],
    ["**/*.test.ts"],
  ),
  forbid(
    ["packages/placement/src/**"],
    [
      [["@sextant/*", "!@sextant/model"], "placement imports model alone of ours."],
      [["node:*"], "placement does no I/O and has no clock."],
      WIRE,
      FFI,
    ],
    ["**/*.test.ts"],
  ),
  forbid(["packages/proto/src/**"], [[["@sextant/*"], "proto imports nothing of ours."], FFI]),
  forbid(
    ["packages/controller/src/{pipeline,compute,bandwidth,explain,simulate,topology}/**"],
    [
      [["node:*", "../edge/*", "../store/*"], "Stages are pure: time, randomness and I/O come in as arguments."],
      WIRE,
      FFI,
    ],
    ["**/*.test.ts"],
  ),
  forbid(["packages/controller/src/{store,runtime}/**"], [WIRE, FFI], ["**/*.test.ts"]),
  forbid(["packages/agent/src/{pipeline,reconcile}/**", "packages/agent/src/keeper.ts"], [WIRE, FFI], ["**/*.test.ts"]),
  forbid(["packages/agent/src/{bpf,net}/**"], [WIRE, FFI], ["packages/agent/src/bpf/ffi.ts", "**/*.test.ts"]),
  forbid(
    ["packages/lab/src/**"],
    [
      WIRE,
      FFI,
      [
        ["@sextant/controller", "@sextant/agent"],
        "The lab is an independent network: it knows topologies, not the product's engine.",
      ],
    ],
  ),
);
