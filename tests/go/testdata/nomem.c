/*
** nomem.c: runs one job again and again, each time on a new connection, and lets
** one more allocation of SQLite fail: the n-th alone, or it and all that follow.
**
**     nomem LIBRARY VECTORLITE DIRECTORY once|on FIRST STEP load
**     nomem LIBRARY VECTORLITE DIRECTORY once|on FIRST STEP SETUP SQL
**
** A line that begins a place, and one that says what came of it:
**
**     at N
**     N CODE RESULT-OR-ERROR
**
** and at last "end PLACES LEAKED-BYTES". In SQL, $N is the place.
*/
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sqlite3_mem_methods real;
static long count, fails_at; /* 0: none fails */
static int on;

static int fail(void) {
  count++;
  return fails_at && (on ? count >= fails_at : count == fails_at);
}
static void *take(int n) { return fail() ? 0 : real.xMalloc(n); }
static void *retake(void *p, int n) { return fail() ? 0 : real.xRealloc(p, n); }

static void require(int right, const char *what) {
  if (right) return;
  printf("broken: %s\n", what);
  exit(1);
}

static const char *library, *vectorlite;

static int load(sqlite3 *db, const char *name, char **err) {
  return sqlite3_load_extension(db, name, 0, err);
}

static sqlite3 *connect(const char *setup) {
  sqlite3 *db;
  char *err = 0;
  require(sqlite3_open("live.db", &db) == SQLITE_OK, "open");
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, 0);
  if (setup && strstr(setup, "vectorlite") && load(db, vectorlite, &err)) require(0, err);
  if (setup && load(db, library, &err)) require(0, err);
  if (setup && sqlite3_exec(db, setup, 0, 0, &err)) require(0, err);
  return db;
}

static void load_again(sqlite3 *db) {
  char *err = "load again";
  sqlite3_stmt *stmt;
  sqlite3_prepare_v2(db, "SELECT 1 UNION ALL SELECT 2", -1, &stmt, 0);
  require(sqlite3_step(stmt) == SQLITE_ROW, "step");
  if (load(db, library, &err)) require(0, err);
  sqlite3_finalize(stmt);
}

/* Runs a query; gives its code, and its values or its error. */
static int run(sqlite3 *db, const char *query, long n, char *text, int size) {
  char *sql = malloc(strlen(query) + 100), *at;
  sqlite3_stmt *stmt = 0;
  const char *tail = sql;
  int rc = SQLITE_OK;
  strcpy(sql, query);
  if ((at = strstr(sql, "$N"))) sprintf(at, "%ld%s", n, query + (at - sql) + 2);
  *text = 0;
  while (rc == SQLITE_OK && *tail) {
    rc = sqlite3_prepare_v2(db, tail, -1, &stmt, &tail);
    while (rc == SQLITE_OK && stmt && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
      const char *z = (const char *)sqlite3_column_text(stmt, 0);
      rc = z || sqlite3_column_type(stmt, 0) == SQLITE_NULL ? SQLITE_OK : sqlite3_errcode(db);
      snprintf(text + strlen(text), size - strlen(text), "%s ", z ? z : "NULL");
    }
    if (rc == SQLITE_DONE) rc = SQLITE_OK;
    if (rc != SQLITE_OK) snprintf(text, size, "%s", sqlite3_errmsg(db));
    sqlite3_finalize(stmt);
    stmt = 0;
  }
  free(sql);
  return rc;
}

int main(int argc, char **argv) {
  static char text[4096], whole[4096], *err;
  long n, places, step = atol(argv[6]), before = 0, leaked = 0;
  int rc, loads = strcmp(argv[7], "load") == 0;
  sqlite3_mem_methods ours;
  sqlite3 *db;
  require(argc == (loads ? 8 : 9), "usage");
  library = argv[1], vectorlite = argv[2], on = strcmp(argv[4], "on") == 0;
  setvbuf(stdout, 0, _IOLBF, 0);
  sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
  ours = real, ours.xMalloc = take, ours.xRealloc = retake;
  sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);

  const char *setup = loads ? 0 : argv[7], *query = loads ? "SELECT vx_snapshot_version()" : argv[8];
  db = connect(loads ? "" : setup);
  require(run(db, query, 0, whole, sizeof whole) == SQLITE_OK, whole);
  sqlite3_close(db);

  for (n = atol(argv[5]);; n += step) {
    printf("at %ld\n", n);
    db = connect(setup);
    count = 0, fails_at = n;
    if (loads) {
      err = 0;
      rc = load(db, library, &err);
      snprintf(text, sizeof text, "%s", rc ? err ? err : "NULL" : whole);
    } else {
      rc = run(db, query, n, text, sizeof text);
    }
    fails_at = 0, places = count;
    sqlite3_free(loads ? err : 0);
    if (rc == SQLITE_OK) require(strcmp(text, whole) == 0, text);
    if (places >= n) printf("%ld %d %s\n", n, rc, text);

    /* The connection works afterwards; a load goes on even beside a running statement. */
    if (loads) load_again(db);
    rc = run(db, query, -n, text, sizeof text);
    require(rc == SQLITE_OK && strcmp(text, whole) == 0, text);
    require(sqlite3_close(db) == SQLITE_OK, "close");
    if (before == 0) before = sqlite3_memory_used();
    leaked = sqlite3_memory_used() - before;
    if (places < n) break;
  }
  printf("end %ld %ld\n", places, leaked);
  return 0;
}
