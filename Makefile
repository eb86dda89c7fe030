# Sextant. `make help` lists the targets; `make demo` and `make test` need nothing but Debian, root, Node and npm.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/node_modules/.bin:$(PATH):/usr/sbin:/sbin
export npm_config_update_notifier := false

# corepack and a global pnpm may be missing: npx comes with Node.
PNPM := npx --yes pnpm@10.34.8
RESULTS := build/test-results
REPORTERS := --reporters=default --reporters=./scripts/count-reporter.cjs
# Extra arguments for the test runner, for example ARGS='test/e2e/diamond_silent_failure'.
ARGS ?=

.PHONY: help
help: ## This list
	@grep -hE '^[a-z%-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

.PHONY: demo
demo: build ## Build a real SRv6 network, steer two applications, break a link (KEEP=1 leaves it running)
	./sextant demo $(if $(KEEP),--keep)

.PHONY: test
test: lint test-fast test-kernel ## Everything: lint, generated code, unit, property, BPF and end-to-end tests

.PHONY: test-fast
test-fast: build ## Unit and property tests
	COUNTS=$(RESULTS)/fast.json jest --selectProjects unit property --maxWorkers=2 $(REPORTERS) $(ARGS)

.PHONY: test-kernel
test-kernel: build ## BPF and end-to-end tests (root; two at a time, in namespaces of their own)
	COUNTS=$(RESULTS)/kernel.json jest --selectProjects bpf e2e --maxWorkers=2 $(REPORTERS) $(ARGS)

.PHONY: build
build: node_modules/.installed ## Compile TypeScript, BPF programs and the lab's helpers
	tsc -b
	$(MAKE) --no-print-directory -C packages/agent/bpf
	$(MAKE) --no-print-directory -C packages/lab

.PHONY: install
install: node_modules/.installed ## System packages and Node dependencies
node_modules/.installed: pnpm-lock.yaml package.json $(wildcard packages/*/package.json) scripts/install-system-packages.sh
	scripts/install-system-packages.sh
	$(PNPM) install --frozen-lockfile
	@touch $@

.PHONY: lint
lint: build check-generated ## Types, lint and import rules, format, protobuf lint and compatibility, stale generated files
	tsc -p test
	eslint .
	depcruise --config .dependency-cruiser.cjs packages/*/src
	biome format .
	clang-format --dry-run --Werror $$(git ls-files '*.c' '*.h' 2>/dev/null || find packages -name '*.[ch]' -not -path '*/node_modules/*')
	cd packages/proto && buf lint && buf breaking --against baseline.binpb

.PHONY: format
format: node_modules/.installed ## Format TypeScript and C
	biome format --write .
	clang-format -i $$(git ls-files '*.c' '*.h')

.PHONY: gen
gen: build ## Generate protobuf code, the WebAssembly kernel, the reference pages, dashboards and rules
	cd packages/proto && buf generate
	node scripts/generate-kernels.mjs
	tsc -b
	node packages/cli/dist/reference/main.js
	node packages/dashboards/dist/main.js

.PHONY: dashboards
dashboards: build ## Generate the Grafana dashboards and Prometheus rules below deploy/
	node packages/dashboards/dist/main.js

.PHONY: check-generated
check-generated: build
	scripts/check-generated.sh

.PHONY: proto-baseline
proto-baseline: node_modules/.installed ## At a release: the wire contract that later changes must stay compatible with
	cd packages/proto && buf build -o baseline.binpb

bench-%: build ## Measure: bench-paths, bench-packet-path (root), bench-throughput (root), bench-failover (root; TRIALS=40), bench-localise (root), bench-probe-plan, bench-placement (DATA=dir). docs/reference/benchmarks.md
	@tsx --tsconfig test/tsconfig.json test/bench/$*.ts

.PHONY: fuzz-packets
fuzz-packets: build ## Generated and spoilt packets through both BPF programs, each judged (root; COUNT=10000000 SEED=1)
	@COUNT=$(or $(COUNT),1000000) tsx --tsconfig test/tsconfig.json test/bpf/fuzz/main.ts

.PHONY: fuzz-documents
fuzz-documents: build ## Spoilt topologies, intents, demands, placements and REPETITA files, each refused or right (SECONDS_EACH=60 SEED=1)
	@FUZZ_SECONDS=$(or $(SECONDS_EACH),60) FUZZ_SEED=$(or $(SEED),1) jest --selectProjects property --runInBand \
		--testPathPatterns documents importers

# The floor that the packet path is measured against, with the product's own compiler flags.
bench-packet-path: build/bench/floor.bpf.o
build/bench/%.bpf.o: test/bench/bpf/%.bpf.c packages/agent/bpf/Makefile
	@mkdir -p $(@D)
	$(MAKE) --no-print-directory -C packages/agent/bpf OUT=$(CURDIR)/$(@D) VPATH=$(CURDIR)/$(<D) $(CURDIR)/$@

.PHONY: clean
clean: ## Remove what was built
	rm -rf build packages/*/dist packages/*/build node_modules packages/*/node_modules
