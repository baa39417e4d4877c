#!/usr/bin/env bash
# Compares the micro-benchmarks of this working tree with those of a revision.
#
#   bench/micro.sh [REVISION] [BENCHMARKS]    (HEAD, all)
#
# The two take turns, COUNT times (6), so that a busy machine slows both;
# benchstat then says which differences are more than noise.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

BENCHSTAT=golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
revision=${1:-HEAD} benchmarks=${2:-.}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tree"
git archive "$revision" | tar -x -C "$work/tree"
GOBIN=$work/bin go install "$BENCHSTAT"

go test -c -o "$work/new.test" ./snapshot
(cd "$work/tree" && go test -c -o "$work/old.test" ./snapshot)

for _ in $(seq "${COUNT:-6}"); do
	(cd "$work/tree/snapshot" && "$work/old.test" -test.run '^$' -test.bench "$benchmarks" -test.benchmem) >> "$work/old"
	(cd snapshot && "$work/new.test" -test.run '^$' -test.bench "$benchmarks" -test.benchmem) >> "$work/new"
done
"$work/bin/benchstat" "$revision=$work/old" "working-tree=$work/new"
