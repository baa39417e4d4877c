# make builds vxsnap.so; make help lists everything else. Every target sets up
# what it needs on a Debian machine that has Go.
SHELL         := /bin/bash
.SHELLFLAGS   := -o pipefail -c
.DEFAULT_GOAL := build

# Executions, not seconds: up to Go 1.26 a time can end in a false "context deadline exceeded" (golang/go#75804).
FUZZTIME ?= 8000x

# Of one package of tests.
TIMEOUT ?= 10m

export CGO_ENABLED := 1
export VECTORLITE  := $(CURDIR)/.tools/vectorlite.so

COMMIT := $(shell git rev-parse --short HEAD 2>/dev/null)
EXTLD  := -Wl,--version-script=$(CURDIR)/build/vxsnap/exports.map -Wl,-Bsymbolic
SO     := go build -buildmode=c-shared -trimpath -ldflags \
          '-s -w -X github.com/vxsnap/vxsnap/extension.Commit=$(COMMIT) -extldflags "$(EXTLD)"'
FUZZ   := snapshot/FuzzDecodeMetadata snapshot/FuzzAssembler snapshot/FuzzPackedRows snapshot/FuzzReadTar \
          snapshot/FuzzReadSaved snapshot/FuzzParseManifest snapshot/FuzzIncrement \
          snapshot/hnsw/FuzzCheck snapshot/vectorlite/FuzzParseTable snapshot/wal/FuzzView snapshot/zst/FuzzFill snapshot/zst/FuzzReader

.PHONY: build
build: base ## vxsnap.so in this folder, for .load ./vxsnap (what make alone does)
	@$(SO) -o vxsnap.so ./build/vxsnap && rm -f vxsnap.h

# One static binary with SQLite in it, which needs no C library where it runs. It loads no
# extensions; but SQLite has to be built for them, because it has no table of its functions
# for vxsnap otherwise. So dlopen is there, and ends the process.
VERSION := $(shell sed -n 's/^const Version = "\(.*\)"$$/\1/p' extension/version.go)
COMMAND := go build -trimpath -tags netgo,osusergo -ldflags \
           '-s -w -X main.Version=$(VERSION) -X main.Commit=$(COMMIT) -linkmode external -extldflags "-static -Wl,--wrap=dlopen,--defsym=__wrap_dlopen=abort"'

OUT = vxsnap
.PHONY: command
command: base ## vxsnap in this folder: the command, one static binary
	@$(COMMAND) -o $(OUT) ./cmd/vxsnap

.PHONY: demo
demo: build vectorlite ## a snapshot of documents and 2,000 vectors, there and back
	@examples/demo.sh

.PHONY: test
test: build vectorlite vet lint unit sqltest cmdtest docs-test gotest rafttest fuzz ## all tests but the host languages

# What make test samples, make test-long does completely.
export VXSNAP_TORTURE      ?= 10s
export VXSNAP_RAFT_ENTRIES ?= 6000
export VXSNAP_RAFT_MB      ?= 128
export VXSNAP_KILLS        ?= 100

.PHONY: test-long
test-long: ## the same, with every step, every kill, half an hour's entries and a gigabyte
	VXSNAP_LONG=1 VXSNAP_TORTURE=60s VXSNAP_RAFT_ENTRIES=36000 VXSNAP_RAFT_MB=1024 VXSNAP_KILLS=300 VXSNAP_RAFT_ROUNDS=3 \
		$(MAKE) test FUZZTIME=200000x TIMEOUT=60m
	$(MAKE) mutants

.PHONY: vet
vet: base ## go vet, and the C files without a warning
	go vet ./...
	go vet -C examples/raft ./...
	CGO_ENABLED=0 go vet -C examples/nocgo ./...
	go vet -C bench ./...
	gcc -fsyntax-only -Wall -Wextra -Werror -O2 c/*.c build/vxsnap/*.c

.PHONY: lint
lint: base ## golangci-lint, and the rule that only c and build/vxsnap import "C"
	@build/setup lint
	.tools/bin/golangci-lint run ./...
	cd examples/raft && ../../.tools/bin/golangci-lint run ./...
	cd examples/nocgo && CGO_ENABLED=0 ../../.tools/bin/golangci-lint run ./...
	cd bench && ../.tools/bin/golangci-lint run ./...
	@bad=$$(go list -f '{{if .CgoFiles}}{{.ImportPath}}{{end}}' ./... | grep -vE '/(c|build/vxsnap)$$'); \
	if [ -n "$$bad" ]; then echo "these packages must not import \"C\": $$bad"; exit 1; fi

.PHONY: fmt
fmt: ## format the Go files
	gofmt -w $$(git ls-files '*.go')

.PHONY: unit
unit: base vectorlite ## tests of each package
	go test . ./c ./internal/... ./snapshot/... ./live/... ./store ./extension
	go test -C bench ./...

.PHONY: sqltest
sqltest: build vectorlite ## the scripts in tests/sql, in the shell and linked in
	go test ./tests/sql

.PHONY: cmdtest
cmdtest: base vectorlite ## the command, in pipes, on a terminal, in an empty root, with signals
	go test -timeout $(TIMEOUT) ./tests/cmd

.PHONY: gotest
gotest: build vectorlite ## Go programs, the real vectorlite, writers in other processes
	go test -timeout $(TIMEOUT) -v ./tests/go | grep -v '^=== '
	go test -timeout $(TIMEOUT) ./tests/schedules

.PHONY: node
node: base ## build the program of examples/raft as .tools/raft
	@go build -C examples/raft -o $(CURDIR)/.tools/raft .

.PHONY: rafttest
rafttest: vectorlite node ## the raft package, and clusters of real processes
	go test ./raft
	go test -timeout $(TIMEOUT) -v ./tests/raft | grep -v '^=== '

.PHONY: cluster
cluster: vectorlite node ## three nodes, a leader that is killed, a fresh fourth node, equal answers
	@examples/raft/cluster.sh

.PHONY: docs-test
docs-test: build command vectorlite node ## run every session that README and docs show, and the journeys of tests/docs
	go test -count=1 ./tests/docs
	@tests/docs/journeys/run --current

.PHONY: picture
picture: build command vectorlite ## draw docs/terminal.svg anew, README's first session as it runs now
	go test -count=1 -run TestPicture ./tests/docs -update

.PHONY: hosts
hosts: build vectorlite ## the same job in Python, Node, Java, Ruby, PHP, Perl, Tcl, R, C and Go
	@tests/hosts/setup.sh
	@tests/hosts/run.sh
	VXSNAP_OVER=node go test -count=1 -run 'TestOver|TestJourneys' ./tests/docs

.PHONY: dist
dist: build vectorlite ## packages into dist/: archives, Python wheels, an npm package, each installed and used
	@build/setup dist
	@tests/hosts/setup.sh node
	@build/dist
	@build/dist-test
	@tests/docs/journeys/run

.PHONY: race
race: build vectorlite ## the same with the race detector
	go test -race . ./snapshot/... ./live/... ./store ./raft ./tests/sql
	go test -race -timeout 10m ./tests/go

# vectorlite throws: the sanitizer must find the C++ library when a test starts.
ASAN := CGO_LDFLAGS='-O2 -g -Wl,--no-as-needed -l:libstdc++.so.6' LSAN_OPTIONS=suppressions=$(CURDIR)/tests/asan/leaks.supp

.PHONY: asan
asan: build vectorlite ## the same with the address sanitizer and strict cgo checks
	$(ASAN) go test -asan ./c ./snapshot/... ./live ./extension ./tests/sql
	ASAN_OPTIONS=detect_leaks=0 $(ASAN) go test -asan ./raft
	ASAN_OPTIONS=detect_leaks=0 $(ASAN) go test -asan -timeout 10m ./tests/go
	GOEXPERIMENT=cgocheck2 go test -timeout 10m ./c ./live ./extension ./tests/sql ./tests/go

.PHONY: valgrind
valgrind: build vectorlite ## the shell under valgrind: no error and no leak of ours
	@build/setup valgrind
	tests/valgrind/run.sh

MINUTES ?= 1
.PHONY: soak
soak: build vectorlite ## writers, checkpoints and exporters for MINUTES minutes
	go build -o .tools/soak ./tests/soak
	.tools/soak -minutes $(MINUTES)

.PHONY: fuzz
fuzz: base ## every fuzz target for FUZZTIME
	@for target in $(FUZZ); do \
		go test -run '^$$' -fuzz "^$${target##*/}$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./$${target%/*} || exit 1; \
	done

# A commit: only the mutants of what changed since then.
SINCE ?=
.PHONY: mutants
mutants: build vectorlite ## each check that a promise rests on, taken away: its test must fail
	go run ./tests/mutants $(if $(SINCE),-changed-since $(SINCE)) $(if $(AT_MOST),-at-most $(AT_MOST))

.PHONY: foreign
foreign: base ## go-sqlite3's own tests, as they are and with vxsnap in every connection: no difference
	go test ./tests/foreign
	go run ./tests/foreign

.PHONY: bench
bench: build ## compare with openssl, .backup, cp, cat, zstd, Litestream, sqlite3_rsync; writes bench/RESULTS.md and results.svg
	@build/setup bench
	go run -C bench .

.PHONY: micro
micro: base ## micro-benchmarks against REV (HEAD), with benchstat
	bench/micro.sh $(or $(REV),HEAD)

.PHONY: base
base:
	@build/setup base

.PHONY: vectorlite
vectorlite:
	@build/setup vectorlite

.PHONY: clean
clean: ## remove what was built
	rm -rf vxsnap vxsnap.so vxsnap.h dist

FOR_USERS := build command demo cluster dist bench clean help
.PHONY: help
help: ## list the targets
	@echo 'To use vxsnap:'
	@sed -nE 's/^($(subst $() ,|,$(FOR_USERS))):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
	@echo 'To work on it:'
	@sed -nE '/^($(subst $() ,|,$(FOR_USERS))):/d; s/^([a-z-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
