#!/usr/bin/env bash
# The main job, end to end: documents and 2,000 vectors in a live database, a
# snapshot of both in a second database, verified, restored, and searched side
# by side. make demo builds what it needs.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vectorlite=${VECTORLITE:-$root/.tools/vectorlite.so}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

say() { printf '\n== %s\n' "$*"; }
# sql DATABASE COMMAND... runs the sqlite3 shell with both extensions loaded.
sql() { sqlite3 -bail -batch "$1" ".load $vectorlite" ".load $root/vxsnap" "${@:2}"; }

# vector SEED is an SQL expression: 16 numbers in -1 … 1 that depend on SEED alone.
vector() {
	printf "(SELECT json_group_array(((%s * 7919 + value * 104729) * 2654435761 %% 2000003) / 1000001.5 - 1) FROM generate_series(1, 16))" "$1"
}

say "1. a live database: 2,000 documents, and their vectors in vectorlite (HNSW)"
sql app.db \
	"PRAGMA journal_mode = WAL" \
	"CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT)" \
	"INSERT INTO docs SELECT value, 'document ' || value FROM generate_series(1, 2000)" \
	"CREATE VIRTUAL TABLE docs_vec USING vectorlite(embedding float32[16], hnsw(max_elements=4000), '$dir/docs.idx')" \
	"INSERT INTO docs_vec(rowid, embedding) SELECT id, vector_from_json($(vector id)) FROM docs" \
	"SELECT count(*) || ' documents' FROM docs"

say "2. what a snapshot would contain: vx_snapshot_files"
sql app.db ".mode box" "SELECT file_name, file_type, file_size, state FROM vx_snapshot_files"

say "3. snapshot of database and index into backup.db, with one CREATE TABLE AS SELECT"
sql app.db \
	"ATTACH 'backup.db' AS backup" \
	"CREATE TABLE backup.snap AS SELECT * FROM vx_snapshot_chunks(65536)" \
	".mode box" \
	"SELECT seq, file_name, offset, length(data) AS bytes, is_last FROM backup.snap ORDER BY seq"

say "4. verify it: vx_snapshot_verify"
sql backup.db "SELECT vx_snapshot_verify(seq, file_name, offset, data, is_last, metadata_json) FROM snap"

say "5. restore it into a new directory: vx_snapshot_restore"
sql backup.db \
	"SELECT vx_snapshot_restore('restored', seq, file_name, offset, data, is_last, metadata_json) FROM snap" |
	sed "s|$dir/||g"
ls -l restored | awk 'NR > 1 { print $5, $NF }'

say "6. the same search in the original and in the restored database"
search="SELECT docs.title, printf('%.6f', distance) AS distance
	FROM docs_vec JOIN docs ON docs.id = docs_vec.rowid
	WHERE knn_search(embedding, knn_param(vector_from_json($(vector 4711)), 5)) ORDER BY distance"
sql app.db ".mode box" "$search" | tee original.txt
sql restored/database.db ".mode box" "$search" | tee restored.txt
cmp original.txt restored.txt
echo "the same neighbours, the same distances"
