#!/usr/bin/env bash
# Runs the sqlite3 shell under valgrind through a snapshot there and back. Every
# error outside of Go's own memory and code, and every block that is definitely
# lost, fails it. go.supp says what is Go's own.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# With its symbols, so that Go's functions can be told from ours in c/, and with
# Go's heap at its classic place, so that valgrind can be told to ignore it.
(cd "$root" && GOEXPERIMENT=norandomizedheapbase64 go build -buildmode=c-shared -ldflags=-w -o "$dir/vxsnap.so" ./build/vxsnap)
cd "$dir"
columns="seq, file_name, offset, data, is_last, metadata_json"
valgrind --quiet --ignore-ranges=0xc000000000-0xc100000000 --error-exitcode=9 --suppressions="$root/tests/valgrind/go.supp" \
	--leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
	sqlite3 app.db ".load ./vxsnap" \
	"CREATE TABLE t(a)" \
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO t SELECT randomblob(3000) FROM n" \
	"ATTACH 'store.db' AS b" \
	"CREATE TABLE b.snap AS SELECT * FROM vx_snapshot_chunks(1000)" \
	"SELECT length(data) FROM vx_snapshot_chunks LIMIT 3" \
	"SELECT vx_snapshot_verify($columns) FROM b.snap" \
	"SELECT vx_snapshot_verify($columns) FROM b.snap WHERE seq <> 5" \
	"SELECT vx_snapshot_restore('out', $columns) IS NOT NULL FROM (SELECT * FROM b.snap ORDER BY random())" \
	"SELECT count(*) FROM vx_snapshot_files" "SELECT vx_snapshot_flush()" \
	"SELECT sum(length(data)) FROM vx_snapshot_chunks(NULL, 'temp')"
echo "valgrind: no error, nothing definitely lost"
