// One jest project per kind of proof; `make test` runs them all. Order and parallelism are the Makefile's business.
const common = {
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
        sourceMaps: "inline",
      },
    ],
  },
  moduleNameMapper: { "^@sextant/([a-z]+)$": "<rootDir>/packages/$1/src/index.ts" },
  testEnvironment: "node",
  modulePathIgnorePatterns: ["/dist/"],
};

export default {
  projects: [
    { ...common, displayName: "unit", testMatch: ["<rootDir>/packages/*/src/**/*.test.ts"] },
    { ...common, displayName: "property", testMatch: ["<rootDir>/test/property/**/*.test.ts"] },
    { ...common, displayName: "bpf", testMatch: ["<rootDir>/test/bpf/**/*.test.ts"] },
    { ...common, displayName: "e2e", testMatch: ["<rootDir>/test/e2e/**/*.test.ts"] },
  ],
};
