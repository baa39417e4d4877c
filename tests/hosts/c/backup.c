/*
** Backs up a live database, with its index files, in three ways: into a file, into
** a table of another database, and as a stream; checks, restores and searches the
** backups, and shows what an error looks like.
**
**     cc backup.c -lsqlite3 -lpthread && ./a.out VXSNAP VECTORLITE LIVE.DB DIRECTORY
*/
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "backup.h"

static const char *vxsnap, *database;

static void percent(sqlite3_int64 done, sqlite3_int64 total) {
  fprintf(stderr, "\r%lld %%", 100 * done / total);
}

/* Expects what value gave, and frees it. */
static void gave(char *got, const int *rc, int code, const char *text) {
  expect(*rc == code && got && strcmp(got, text) == 0, got);
  sqlite3_free(got);
}

static void *work(void *unused) {
  int rc;
  sqlite3 *db = open_with(database, vxsnap, 0);
  gave(value(db, &rc, "SELECT vx_snapshot_verify(" COLUMNS ") FROM vx_snapshot_chunks(4096, 'main', 'disk')"), &rc, SQLITE_OK, "ok");
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
  char *message = value(live, &rc, "SELECT vx_snapshot_flush()");
  expect(rc == SQLITE_MISUSE && strstr(message, "the prepared statement 'INSERT INTO docs_vec"), message);
  sqlite3_free(message);
  sqlite3_finalize(insert);
  gave(value(live, &rc, "SELECT vx_snapshot_flush()"), &rc, SQLITE_OK, "1");

  /* Into a file. */
  char *file = sqlite3_mprintf("%s/backup.tar.zst", directory), *copy = sqlite3_mprintf("%s/from-file", directory);
  char *saved = save(live, &rc, file);
  struct stat info;
  expect(rc == SQLITE_OK && stat(file, &info) == 0, saved);
  char *size = sqlite3_mprintf("%lld", (sqlite3_int64)info.st_size);
  gave(value(live, &rc, "SELECT json_extract(%Q, '$.size')", saved), &rc, SQLITE_OK, size);
  gave(verify(live, &rc, file), &rc, SQLITE_OK, "ok");
  sqlite3_free(restore(live, &rc, file, copy));
  expect(rc == SQLITE_OK, "restore");
  message = sqlite3_mprintf("vx_snapshot_save: file '%s' exists, and is not replaced; name another, or remove it first", file);
  gave(save(live, &rc, file), &rc, SQLITE_CANTOPEN, message);
  sqlite3_free(message);

  /* Into a table. */
  char *path = sqlite3_mprintf("%s/backup.db", directory);
  sqlite3_int64 total = store_rows(live, path, percent);
  fputc('\n', stderr);
  gave(value(live, &rc, "SELECT json_extract(%Q, '$.total_size') = %lld", saved, total), &rc, SQLITE_OK, "1");
  sqlite3 *store = open_with(path, vxsnap, 0);
  const char *verify_rows = "SELECT vx_snapshot_verify(" COLUMNS ") FROM snap";
  const char *restore_rows = "SELECT vx_snapshot_restore('%q/%s', " COLUMNS ") FROM snap";
  gave(value(store, &rc, verify_rows), &rc, SQLITE_OK, "ok");
  sqlite3_free(value(store, &rc, restore_rows, directory, "restored"));
  expect(rc == SQLITE_OK, "restore");

  /* The restored database finds what the live one finds. */
  const char *nearest =
      "SELECT group_concat(rowid) FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('[1, 2, 3, 4, 5, 6, 7, 8]'), 5))";
  sqlite3_free(path);
  path = sqlite3_mprintf("%s/restored/database.db", directory);
  sqlite3 *restored = open_with(path, vectorlite, 0);
  char *want = value(live, &rc, nearest);
  expect(want && strncmp(want, "2001,", 5) == 0, "search");
  gave(value(restored, &rc, nearest), &rc, SQLITE_OK, want);
  sqlite3_free(want);
  sqlite3_close(restored);

  /* As a stream, here into a file. */
  sqlite3_free(path);
  path = sqlite3_mprintf("%s/stream.tar", directory);
  FILE *tar = fopen(path, "wb");
  expect(tar != 0, path);
  stream(live, tar);
  expect(fclose(tar) == 0, path);
  gave(verify(live, &rc, path), &rc, SQLITE_OK, "ok");

  /* Damage is text for verify, and SQLITE_CORRUPT for restore. */
  sqlite3_exec(store, "UPDATE snap SET data = zeroblob(length(data)) WHERE file_name = 'database.db' AND offset = 65536", 0, 0, 0);
  char *verdict = value(store, &rc, verify_rows);
  expect(strncmp(verdict, "database.db: checksum mismatch: ", 32) == 0, verdict);
  message = sqlite3_mprintf("vx_snapshot_restore: %s", verdict);
  gave(value(store, &rc, restore_rows, directory, "damaged"), &rc, SQLITE_CORRUPT, message);
  gave(value(live, &rc, "SELECT * FROM vx_snapshot_chunks('abc')"), &rc, SQLITE_MISUSE,
       "vx_snapshot_chunks: chunk_size must be an integer from 512 to 268435456, got 'abc'");

  /* Four threads, each with a connection of its own. live has flushed, but is still open, so that only 'disk' takes the files. */
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, work, 0);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
  sqlite3_close(store);
  sqlite3_close(live);
  char *texts[] = {file, copy, saved, size, path, verdict, message};
  for (int i = 0; i < 7; i++) sqlite3_free(texts[i]);
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("done, %lld bytes, %.2f s\n", total, end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9);
  return 0;
}
