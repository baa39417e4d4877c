/*
** Backs up a live database, with its index files, into a file; checks the
** backup, restores it, searches it, and shows what an error looks like.
**
**     cc backup.c -lsqlite3 -lpthread && ./a.out VXSNAP VECTORLITE LIVE.DB DIRECTORY
*/
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMNS "seq, file_name, offset, data, is_last, metadata_json"

static const char *vxsnap, *database;

static void expect(int right, const char *what) {
  if (!right) {
    fprintf(stderr, "%s\n", what);
    exit(1);
  }
}

/* Opens a database, which must be there, and loads one or two extensions; second may be NULL. */
static sqlite3 *open_with(const char *path, const char *first, const char *second) {
  sqlite3 *db;
  char *err = 0;
  expect(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, 0) == SQLITE_OK, path);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, 0);
  expect(sqlite3_load_extension(db, first, 0, &err) == SQLITE_OK, err ? err : "load_extension");
  if (second) expect(sqlite3_load_extension(db, second, 0, &err) == SQLITE_OK, err ? err : "load_extension");
  return db;
}

/* Runs a query; gives its first value, or its error. The caller frees it. */
static char *value(sqlite3 *db, const char *query, int *rc) {
  sqlite3_stmt *stmt = 0;
  char *text = 0;
  *rc = sqlite3_prepare_v2(db, query, -1, &stmt, 0);
  if (*rc == SQLITE_OK) *rc = sqlite3_step(stmt);
  if (*rc == SQLITE_ROW) {
    text = sqlite3_mprintf("%s", sqlite3_column_text(stmt, 0));
    *rc = SQLITE_OK;
  } else if (*rc != SQLITE_DONE) {
    text = sqlite3_mprintf("%s", sqlite3_errmsg(db));
  }
  sqlite3_finalize(stmt);
  return text;
}

static void percent(sqlite3_int64 done, sqlite3_int64 total) {
  fprintf(stderr, "\r%lld %%", 100 * done / total);
}

/*
** Stores a snapshot of live in a new database at path; returns its size in
** bytes. progress is called at each tenth of them.
*/
static sqlite3_int64 backup(sqlite3 *live, const char *path, void (*progress)(sqlite3_int64 done, sqlite3_int64 total)) {
  sqlite3 *store;
  sqlite3_stmt *rows, *insert;
  sqlite3_int64 done = 0, total = 0;
  int rc;
  expect(sqlite3_open(path, &store) == SQLITE_OK, path);
  sqlite3_exec(store, "CREATE TABLE snap(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT); BEGIN", 0, 0, 0);
  sqlite3_prepare_v2(store, "INSERT INTO snap VALUES (?, ?, ?, ?, ?, ?)", -1, &insert, 0);
  sqlite3_prepare_v2(live, "SELECT " COLUMNS ", json_extract(metadata_json, '$.total_size') FROM vx_snapshot_chunks(65536)", -1, &rows, 0);
  while ((rc = sqlite3_step(rows)) == SQLITE_ROW) {
    for (int i = 0; i < 6; i++) sqlite3_bind_value(insert, i + 1, sqlite3_column_value(rows, i));
    expect(sqlite3_step(insert) == SQLITE_DONE, sqlite3_errmsg(store));
    sqlite3_reset(insert);
    if (sqlite3_column_int64(rows, 0) == 0) total = sqlite3_column_int64(rows, 6); /* the metadata row, the first */
    sqlite3_int64 before = done;
    done += sqlite3_column_bytes(rows, 3);
    if (done > before && 10 * done / total > 10 * before / total) progress(done, total);
  }
  expect(rc == SQLITE_DONE, sqlite3_errmsg(live));
  sqlite3_finalize(rows);
  sqlite3_finalize(insert);
  expect(sqlite3_exec(store, "COMMIT", 0, 0, 0) == SQLITE_OK, sqlite3_errmsg(store));
  sqlite3_close(store);
  return total;
}

static void *work(void *unused) {
  int rc;
  sqlite3 *db = open_with(database, vxsnap, 0);
  char *verdict = value(db, "SELECT vx_snapshot_verify(" COLUMNS ") FROM vx_snapshot_chunks(4096, 'main', 'disk')", &rc);
  expect(rc == SQLITE_OK && strcmp(verdict, "ok") == 0, "thread");
  sqlite3_free(verdict);
  sqlite3_close(db);
  return unused;
}

int main(int argc, char **argv) {
  expect(argc == 5, "usage: backup VXSNAP VECTORLITE LIVE.DB DIRECTORY");
  const char *vectorlite = argv[2], *directory = argv[4];
  vxsnap = argv[1], database = argv[3];
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  sqlite3 *live = open_with(database, vxsnap, vectorlite);

  /* A new vector is in the memory of its connection until that flushes, which it refuses to do beside a statement on the table. */
  int rc;
  sqlite3_stmt *insert;
  sqlite3_prepare_v2(live, "INSERT INTO docs_vec(rowid, v) VALUES (?, vector_from_json(?))", -1, &insert, 0);
  sqlite3_bind_int64(insert, 1, 2001);
  sqlite3_bind_text(insert, 2, "[1, 2, 3, 4, 5, 6, 7, 8]", -1, SQLITE_STATIC);
  expect(sqlite3_step(insert) == SQLITE_DONE, sqlite3_errmsg(live));
  sqlite3_reset(insert);
  char *written = value(live, "SELECT vx_snapshot_flush()", &rc);
  expect(rc == SQLITE_MISUSE && strstr(written, "the prepared statement 'INSERT INTO docs_vec"), written);
  sqlite3_free(written);
  sqlite3_finalize(insert);
  written = value(live, "SELECT vx_snapshot_flush()", &rc);
  expect(rc == SQLITE_OK && strcmp(written, "1") == 0, written);
  sqlite3_free(written);

  char *path = sqlite3_mprintf("%s/backup.db", directory);
  sqlite3_int64 size = backup(live, path, percent);
  fputc('\n', stderr);

  sqlite3 *store = open_with(path, vxsnap, 0);
  const char *verify = "SELECT vx_snapshot_verify(" COLUMNS ") FROM snap";
  char *restore = sqlite3_mprintf("SELECT vx_snapshot_restore('%q/restored', " COLUMNS ") FROM snap", directory);
  char *again = sqlite3_mprintf("SELECT vx_snapshot_restore('%q/damaged', " COLUMNS ") FROM snap", directory);
  char *verdict = value(store, verify, &rc);
  expect(rc == SQLITE_OK && strcmp(verdict, "ok") == 0, verdict);
  sqlite3_free(verdict);
  char *report = value(store, restore, &rc);
  expect(rc == SQLITE_OK, report);
  sqlite3_free(report);

  /* The restored database finds what the live one finds. */
  const char *nearest =
      "SELECT group_concat(rowid) FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('[1, 2, 3, 4, 5, 6, 7, 8]'), 5))";
  sqlite3_free(path);
  path = sqlite3_mprintf("%s/restored/database.db", directory);
  sqlite3 *restored = open_with(path, vectorlite, 0);
  char *got = value(restored, nearest, &rc), *want = value(live, nearest, &rc);
  expect(got && want && strncmp(want, "2001,", 5) == 0 && strcmp(got, want) == 0, "search");
  sqlite3_free(got);
  sqlite3_free(want);
  sqlite3_close(restored);

  /* Damage is text for verify, and SQLITE_CORRUPT for restore. */
  sqlite3_exec(store, "UPDATE snap SET data = zeroblob(length(data)) WHERE file_name = 'database.db' AND offset = 65536", 0, 0, 0);
  verdict = value(store, verify, &rc);
  expect(strncmp(verdict, "database.db: checksum mismatch: ", 32) == 0, verdict);
  char *message = value(store, again, &rc);
  expect(rc == SQLITE_CORRUPT && strcmp(message + strlen("vx_snapshot_restore: "), verdict) == 0, message);
  sqlite3_free(message);
  sqlite3_free(verdict);
  message = value(live, "SELECT * FROM vx_snapshot_chunks('abc')", &rc);
  expect(rc == SQLITE_MISUSE && strcmp(message, "vx_snapshot_chunks: chunk_size must be an integer from 512 to 268435456, got 'abc'") == 0, message);
  sqlite3_free(message);

  /* Four threads, each with a connection of its own. live has flushed, but is still open, so that only 'disk' takes the files. */
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, work, 0);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
  sqlite3_close(store);
  sqlite3_close(live);
  sqlite3_free(path);
  sqlite3_free(restore);
  sqlite3_free(again);
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("done, %lld bytes, %.2f s\n", size, end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9);
  return 0;
}
