/*
** Backs up a live database, with its index files, into a file; checks the
** backup, restores it, and shows what an error looks like.
**
**     cc backup.c -lsqlite3 -lpthread && ./a.out VXSNAP LIVE.DB DIRECTORY
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

static sqlite3 *open_with_vxsnap(const char *path) {
  sqlite3 *db;
  char *err = 0;
  expect(sqlite3_open(path, &db) == SQLITE_OK, path);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, 0);
  expect(sqlite3_load_extension(db, vxsnap, 0, &err) == SQLITE_OK, err ? err : "load_extension");
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

/* Stores a snapshot of live in a new database at path; returns its size. */
static sqlite3_int64 backup(sqlite3 *live, const char *path) {
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
    if (sqlite3_column_int64(rows, 6) > 0) total = sqlite3_column_int64(rows, 6);
    done += sqlite3_column_bytes(rows, 3);
    fprintf(stderr, "\r%lld of %lld bytes", done, total);
  }
  expect(rc == SQLITE_DONE, sqlite3_errmsg(live));
  fputc('\n', stderr);
  sqlite3_finalize(rows);
  sqlite3_finalize(insert);
  expect(sqlite3_exec(store, "COMMIT", 0, 0, 0) == SQLITE_OK, sqlite3_errmsg(store));
  sqlite3_close(store);
  return total;
}

static void *work(void *unused) {
  int rc;
  sqlite3 *db = open_with_vxsnap(database);
  char *verdict = value(db, "SELECT vx_snapshot_verify(" COLUMNS ") FROM vx_snapshot_chunks(4096)", &rc);
  expect(rc == SQLITE_OK && strcmp(verdict, "ok") == 0, "thread");
  sqlite3_free(verdict);
  sqlite3_close(db);
  return unused;
}

int main(int argc, char **argv) {
  expect(argc == 4, "usage: backup VXSNAP LIVE.DB DIRECTORY");
  vxsnap = argv[1], database = argv[2];
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  sqlite3 *live = open_with_vxsnap(database);
  char *path = sqlite3_mprintf("%s/backup.db", argv[3]);
  sqlite3_int64 size = backup(live, path);

  int rc;
  sqlite3 *store = open_with_vxsnap(path);
  const char *verify = "SELECT vx_snapshot_verify(" COLUMNS ") FROM snap";
  char *restore = sqlite3_mprintf("SELECT vx_snapshot_restore('%q/restored', " COLUMNS ") FROM snap", argv[3]);
  char *again = sqlite3_mprintf("SELECT vx_snapshot_restore('%q/damaged', " COLUMNS ") FROM snap", argv[3]);
  char *verdict = value(store, verify, &rc);
  expect(rc == SQLITE_OK && strcmp(verdict, "ok") == 0, verdict);
  sqlite3_free(verdict);
  char *report = value(store, restore, &rc);
  expect(rc == SQLITE_OK, report);
  sqlite3_free(report);

  /* Damage is text for verify, and SQLITE_CORRUPT for restore. */
  sqlite3_exec(store, "UPDATE snap SET data = zeroblob(length(data)) WHERE seq = 2", 0, 0, 0);
  verdict = value(store, verify, &rc);
  expect(strncmp(verdict, "database.db: checksum mismatch: ", 32) == 0, verdict);
  char *message = value(store, again, &rc);
  expect(rc == SQLITE_CORRUPT && strcmp(message + strlen("vx_snapshot_restore: "), verdict) == 0, message);
  sqlite3_free(message);
  sqlite3_free(verdict);
  message = value(live, "SELECT * FROM vx_snapshot_chunks('abc')", &rc);
  expect(rc == SQLITE_MISUSE && strcmp(message, "vx_snapshot_chunks: chunk_size must be an integer from 1 to 268435456, got 'abc'") == 0, message);
  sqlite3_free(message);

  /* Four threads, each with a connection of its own. */
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
