#!/usr/bin/env bash
# Does the same job in every language: saves a snapshot of a live database with a
# vectorlite index in a file, verifies it, restores it, and is refused to save it there
# again; streams one into another database, shows the progress, verifies, restores,
# searches the restored index; streams one as tar; breaks a row, passes a wrong
# argument, and works in four threads where the language has them. A database that is
# not there is an error, and is not made.
#
#     tests/hosts/run.sh [LANGUAGE...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(cd ../.. && pwd)
vxsnap=$root/vxsnap.so
vectorlite=$(realpath "${VECTORLITE:-$root/.tools/vectorlite.so}")
[ $# -gt 0 ] || set -- python node java ruby php perl tcl r c go
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What must be the same in the original and in what was restored: every row, and
# what a search finds, of which the first is the vector that the program inserted.
# A host writes the index when it closes the database, so the index files themselves
# are compared only as they come out of a restore.
content() {
	sqlite3 -bail "$1" ".load $vectorlite" "PRAGMA integrity_check" \
		"SELECT count(*), hex(sha3_query('SELECT * FROM docs ORDER BY id')) FROM docs" \
		"SELECT rowid, distance FROM docs_vec
		 WHERE knn_search(v, knn_param(vector_from_json('[1, 2, 3, 4, 5, 6, 7, 8]'), 10))"
}
same() {
	content "$1/live.db" >"$1/want" || return 1
	for restored in from-file restored; do
		content "$1/$restored/database.db" >"$1/got" && cmp "$1/want" "$1/got" || return 1
	done
	[ "$(sed -n '3p;$=' "$1/got")" = $'2001|0.0\n12' ] || { echo "found $(cat "$1/got")" >&2 && return 1; }
}

# tar lists the saved file, compressed, and the stream, which is not; nothing is left beside them.
listed() {
	printf '%s\n' metadata.json index_0.idx database.db END >"$1/names"
	tar --zstd -tf "$1/backup.tar.zst" | cmp - "$1/names" && tar -tf - <"$1/stream.tar" | cmp - "$1/names" || return 1
	[ -z "$(find "$1" -name '.*.vxsnap-*')" ] || { echo "a temporary file is left" >&2 && return 1; }
}

# Progress: on stderr percentages that rise to 100, five to ten of them.
progressed() {
	tr '\r' '\n' <"$1" | awk '/^[0-9]+ %$/ { wrong += $1 <= last; last = $1; n++ } END { exit wrong || last != 100 || n < 5 || n > 10 }' ||
		{ echo "no progress: five to ten rising percentages, the last 100" >&2 && return 1; }
}

# PHP loads from one folder only, and does not follow links out of it.
mkdir "$work/extensions"
cp "$vxsnap" "$vectorlite" "$work/extensions"

job() {
	case $1 in
	python) /usr/bin/python3 python/backup.py "$vxsnap" "$vectorlite" "$2" "$3" ;;
	node) node node/backup.js "$vxsnap" "$vectorlite" "$2" "$3" ;;
	java) java -cp /usr/share/java/sqlite-jdbc.jar java/Backup.java "$vxsnap" "$vectorlite" "$2" "$3" ;;
	ruby) ruby ruby/backup.rb "$vxsnap" "$vectorlite" "$2" "$3" ;;
	php) php -d sqlite3.extension_dir="$work/extensions" php/backup.php vxsnap.so "$(basename "$vectorlite")" "$2" "$3" ;;
	perl) perl perl/backup.pl "$vxsnap" "$vectorlite" "$2" "$3" ;;
	tcl) tclsh tcl/backup.tcl "$vxsnap" "$vectorlite" "$2" "$3" ;;
	r) Rscript r/backup.R "$vxsnap" "$vectorlite" "$2" "$3" ;;
	c) gcc -Wall -Wextra -Werror -O2 -o "$3/backup" c/backup.c -lsqlite3 -lpthread &&
		"$3/backup" "$vxsnap" "$vectorlite" "$2" "$3" ;;
	go) go run ./go "$vectorlite" "$2" "$3" ;;
	*) echo "no such language: $1" >&2 && return 1 ;;
	esac
}

passed=0 failed=0
for language in "$@"; do
	mkdir "$work/$language" && ./make-db.sh "$work/$language"
	if line=$(job "$language" "$work/$language/live.db" "$work/$language" 2>"$work/$language/stderr") &&
		progressed "$work/$language/stderr" 2>>"$work/$language/stderr" &&
		{ same "$work/$language" && listed "$work/$language"; } 2>>"$work/$language/stderr" && [ ! -e "$work/$language/damaged" ] &&
		! job "$language" "$work/$language/mistyped.db" "$work/$language" >"$work/$language/stderr" 2>&1 &&
		[ ! -e "$work/$language/mistyped.db" ]; then
		echo "$language: $line"
		passed=$((passed + 1))
	else
		echo "$language: FAILED ${line:-}"
		tr '\r' '\n' <"$work/$language/stderr" | tail -n 15
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
