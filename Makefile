# Build, test and rehearse BPA on AWS. `make help` lists the targets.
SHELL := bash
.DEFAULT_GOAL := help

# The stack file that `make rehearse` takes: Pulumi.$(STACK).yaml.
STACK ?= dev

# Pulumi's Go language host compiles with exactly these flags. With any other set, `make build` and `pulumi up` would
# each compile the SDKs for themselves.
export GOFLAGS := -buildvcs=false -trimpath
LDFLAGS := -w -s

LINT := go tool -modfile=tools/lint/go.mod golangci-lint
ACTIONLINT := go tool -modfile=tools/actionlint/go.mod actionlint
MODULES := . tools tools/lint tools/actionlint bench/obvious bench/sdkonly
SCRIPTS = $(shell git ls-files --cached --others --exclude-standard '*.sh' .ci/run)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The compiler needs about 3 GiB for each of these packages, and Go compiles as many at once as there are cores. One after
# the other they fit into 4 GiB: docs/performance.md.
LARGE := github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2 \
	github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1 \
	github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas

.PHONY: large
large:
	@go build github.com/pulumi/pulumi/sdk/v3/go/pulumi
	@go build -p 1 $(LARGE)

.PHONY: program
program: large ## compile the program into bin/, which `pulumi up` then runs
	go build -ldflags "$(LDFLAGS)" -o bin/bpa .

.PHONY: build
build: program ## compile the program and bpactl into bin/
	go build -ldflags "$(LDFLAGS)" -o bin/bpactl ./cmd/bpactl

.PHONY: engine
engine: build ## build the pinned Pulumi engine, where none is on PATH
	@bin/bpactl engine

.PHONY: rehearse
rehearse: engine ## deploy, re-run and destroy a stack on simulated clouds (STACK=dev)
	bin/bpactl rehearse cycle --file Pulumi.$(STACK).yaml

# What the tests run on and Go does not build. Elsewhere than on CI a test skips, and says so, where one is missing.
.PHONY: test-tools
test-tools: ## install the PostgreSQL, the AWS emulator and the simulator of IAM that tests run on
	@for tool in tools/postgresql.sh tools/moto.sh tools/iam-simulate.sh; do \
		$$tool >/dev/null || { echo "$$tool failed: the tests that need it will skip" >&2; [ -z "$$CI" ] || exit 1; }; \
	done

.PHONY: test
test: engine test-tools ## run every test
	@# Go's own limit, 10 minutes a package, is met by test/convergence (4 minutes alone) on a machine that is busy.
	go test -timeout 30m ./...

.PHONY: golden
golden: engine ## refresh the golden files after an intended change
	go test ./test/platform ./test/permissions ./components/nodes ./test/traceability ./internal/schema ./cmd/bpactl -run Golden -update
	go test ./internal/sim/aws ./internal/sim/kubernetes ./internal/sim/atlas ./internal/sim/random ./internal/sim/failures \
		-run Golden -update

.PHONY: release-state
release-state: engine ## keep the state that a release deploys (RELEASE=0.2.0)
	@test -n "$(RELEASE)" || { echo "release-state: give RELEASE, such as RELEASE=0.2.0" >&2; exit 1; }
	go test ./test/upgrades -keep $(RELEASE)

.PHONY: bench
bench: engine ## measure builds, previews and rehearsals as ratios (half an hour)
	go run ./bench -write

.PHONY: bench-check
bench-check: engine ## fail where a ratio is a fifth worse than docs/performance.json
	go run ./bench -check

.PHONY: check
check: fmt-check tidy-check vet lint shellcheck actionlint house ## run every static check

.PHONY: fmt
fmt: ## format the source
	$(LINT) fmt

.PHONY: fmt-check
fmt-check:
	$(LINT) fmt --diff

.PHONY: tidy
tidy: ## tidy every module
	@for m in $(MODULES); do (cd $$m && go mod tidy) || exit 1; done

.PHONY: tidy-check
tidy-check:
	@for m in $(MODULES); do (cd $$m && go mod tidy -diff) || exit 1; done

.PHONY: vet
vet: large
	go vet ./...

.PHONY: lint
lint: large
	$(LINT) run

.PHONY: shellcheck
shellcheck:
	shellcheck $(SCRIPTS)

.PHONY: actionlint
actionlint:
	$(ACTIONLINT)

# What the tree is measured by: CONTRIBUTING.md.
.PHONY: house
house:
	go test ./test/house

.PHONY: clean
clean: ## remove what the targets above made in this folder
	rm -rf bin .bpa
