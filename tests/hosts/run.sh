#!/usr/bin/env bash
# Does the same job in every language: streams a snapshot of a live database with
# a vectorlite index into another database, verifies, restores, breaks a row,
# passes a wrong argument, and works in four threads where the language has them.
#
#     tests/hosts/run.sh [LANGUAGE...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(cd ../.. && pwd)
vxsnap=$root/vxsnap.so
vectorlite=${VECTORLITE:-$root/.tools/vectorlite.so}
[ $# -gt 0 ] || set -- python node java ruby php perl tcl r c go
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

vector() { echo "(SELECT json_group_array((($1 * 7919 + value * 104729) % 2003) - 1000) FROM generate_series(1, 8))"; }
sqlite3 -bail "$work/live.db" ".load $vectorlite" "PRAGMA journal_mode = WAL" \
	"CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT, body BLOB)" \
	"INSERT INTO docs SELECT value, 'document ' || value, randomblob(4000) FROM generate_series(1, 2000)" \
	"CREATE VIRTUAL TABLE docs_vec USING vectorlite(v float32[8], hnsw(max_elements=3000), '$work/live.idx')" \
	"INSERT INTO docs_vec(rowid, v) SELECT id, vector_from_json($(vector id)) FROM docs" >/dev/null

# What must be the same in the original and in what was restored.
content() {
	sqlite3 "$1" ".load $vectorlite" "SELECT count(*), sum(id), hex(sum(length(body))) FROM docs" "PRAGMA integrity_check" \
		"SELECT rowid, distance FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json($(vector 4711)), 10))"
}
content "$work/live.db" >"$work/want"

job() {
	case $1 in
	python) /usr/bin/python3 python/backup.py "$vxsnap" "$2" "$3" ;;
	node) node node/backup.js "$vxsnap" "$2" "$3" ;;
	java) java -cp /usr/share/java/sqlite-jdbc.jar java/Backup.java "$vxsnap" "$2" "$3" ;;
	ruby) ruby ruby/backup.rb "$vxsnap" "$2" "$3" ;;
	php) php -d sqlite3.extension_dir="$root" php/backup.php vxsnap.so "$2" "$3" ;;
	perl) perl perl/backup.pl "$vxsnap" "$2" "$3" ;;
	tcl) tclsh tcl/backup.tcl "$vxsnap" "$2" "$3" ;;
	r) Rscript r/backup.R "$vxsnap" "$2" "$3" ;;
	c) gcc -Wall -Wextra -O2 -o "$3/backup" c/backup.c -lsqlite3 -lpthread && "$3/backup" "$vxsnap" "$2" "$3" ;;
	go) go run ./go "$2" "$3" ;;
	*) echo "no such language: $1" >&2 && return 1 ;;
	esac
}

passed=0 failed=0
for language in "$@"; do
	mkdir "$work/$language"
	if line=$(job "$language" "$work/live.db" "$work/$language" 2>"$work/$language/stderr") &&
		content "$work/$language/restored/database.db" >"$work/$language/got" &&
		cmp "$work/want" "$work/$language/got" && [ ! -e "$work/$language/damaged" ]; then
		echo "$language: $line"
		passed=$((passed + 1))
	else
		echo "$language: FAILED"
		tr '\r' '\n' <"$work/$language/stderr" | tail -n 15
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
