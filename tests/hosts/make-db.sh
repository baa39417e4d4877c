#!/usr/bin/env bash
# Makes the live database of the host tests: 2,000 documents and the vectorlite
# index live.idx of their vectors.
#
#     tests/hosts/make-db.sh DIRECTORY     writes live.db and live.idx there
set -euo pipefail
directory=$(cd "$1" && pwd)
vectorlite=${VECTORLITE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.tools/vectorlite.so}
sqlite3 -bail "$directory/live.db" ".load $vectorlite" "PRAGMA journal_mode = WAL" \
	"CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT, body BLOB)" \
	"INSERT INTO docs SELECT value, 'document ' || value, randomblob(4000) FROM generate_series(1, 2000)" \
	"CREATE VIRTUAL TABLE docs_vec USING vectorlite(v float32[8], hnsw(max_elements=3000), '$directory/live.idx')" \
	"INSERT INTO docs_vec(rowid, v) SELECT id, vector_from_json((
		SELECT json_group_array(((id * 7919 + value * 104729) % 2003) - 1000) FROM generate_series(1, 8))) FROM docs" >/dev/null
