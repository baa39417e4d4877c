/*
** Backs up a live database, with its index files, in three ways: into a file, into
** a table of another database, and as a stream.
*/
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define COLUMNS "seq, file_name, offset, data, is_last, metadata_json"

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

/* Runs a query, in which %Q stands for a text; gives its first value, or its error. The caller frees it. */
static char *value(sqlite3 *db, int *rc, const char *format, ...) {
  sqlite3_stmt *stmt = 0;
  char *text = 0;
  va_list args;
  va_start(args, format);
  char *query = sqlite3_vmprintf(format, args);
  va_end(args);
  *rc = sqlite3_prepare_v2(db, query, -1, &stmt, 0);
  if (*rc == SQLITE_OK) *rc = sqlite3_step(stmt);
  if (*rc == SQLITE_ROW) {
    text = sqlite3_mprintf("%s", sqlite3_column_text(stmt, 0));
    *rc = SQLITE_OK;
  } else if (*rc != SQLITE_DONE) {
    text = sqlite3_mprintf("%s", sqlite3_errmsg(db));
  }
  sqlite3_finalize(stmt);
  sqlite3_free(query);
  return text;
}

/* Saves a snapshot of live in a new file: NAME.tar, or compressed as NAME.tar.zst. Gives JSON, as value does. */
static char *save(sqlite3 *live, int *rc, const char *path) {
  return value(live, rc, "SELECT vx_snapshot_save(%Q)", path);
}

/* Says 'ok', or the first thing that is wrong with a saved file. */
static char *verify(sqlite3 *db, int *rc, const char *path) {
  return value(db, rc, "SELECT vx_snapshot_verify(" COLUMNS ") FROM vx_snapshot_read(%Q)", path);
}

/* Restores a saved file into a new directory. Gives JSON. */
static char *restore(sqlite3 *db, int *rc, const char *path, const char *directory) {
  return value(db, rc, "SELECT vx_snapshot_restore(%Q, " COLUMNS ") FROM vx_snapshot_read(%Q)", directory, path);
}

/*
** Stores the rows of a snapshot of live in a new database at path; returns the
** snapshot's size in bytes. progress is called at each tenth of them.
*/
static sqlite3_int64 store_rows(sqlite3 *live, const char *path, void (*progress)(sqlite3_int64 done, sqlite3_int64 total)) {
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

/* Writes a snapshot of live as the bytes of a tar file, 64 KiB at a time. */
static void stream(sqlite3 *live, FILE *out) {
  sqlite3_stmt *rows;
  int rc;
  sqlite3_prepare_v2(live, "SELECT data FROM vx_snapshot_tar(65536)", -1, &rows, 0);
  while ((rc = sqlite3_step(rows)) == SQLITE_ROW) {
    const void *data = sqlite3_column_blob(rows, 0);
    size_t size = sqlite3_column_bytes(rows, 0);
    expect(fwrite(data, 1, size, out) == size, "fwrite");
  }
  expect(rc == SQLITE_DONE, sqlite3_errmsg(live));
  sqlite3_finalize(rows);
}
