/*
** load.c: vxsnap.so in C programs that load it more than once.
**
**     load LIBRARY twice     on a connection with a running statement
**     load LIBRARY taken     where another extension has one of its names
**     load LIBRARY threads   on the connections of four threads at once
**     load LIBRARY auto      as the first of two automatic extensions
**     load LIBRARY other     into two copies of SQLite in the process
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *library;

static void require(int right, const char *what) {
  if (right) return;
  printf("%s\n", what);
  exit(1);
}

static sqlite3 *connect(void) {
  sqlite3 *db;
  require(sqlite3_open(":memory:", &db) == SQLITE_OK, "open");
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, 0);
  return db;
}

static void load(sqlite3 *db) {
  char *err = "load";
  int rc = sqlite3_load_extension(db, library, 0, &err);
  require(rc == SQLITE_OK, err);
}

static void query(sqlite3 *db, const char *sql) {
  char *err = 0;
  int rc = sqlite3_exec(db, sql, 0, 0, &err);
  require(rc == SQLITE_OK, err);
}

static sqlite3_stmt *running(sqlite3 *db) {
  sqlite3_stmt *stmt;
  sqlite3_prepare_v2(db, "SELECT 1 UNION ALL SELECT 2", -1, &stmt, 0);
  require(sqlite3_step(stmt) == SQLITE_ROW, "step");
  return stmt;
}

static void one(sqlite3_context *ctx, int n, sqlite3_value **v) {
  (void)n, (void)v;
  sqlite3_result_int(ctx, 1);
}

static void twice(void) {
  sqlite3 *db = connect();
  sqlite3_stmt *stmt = running(db);
  load(db);
  load(db);
  query(db, "SELECT vx_snapshot_version(), count(*) FROM vx_snapshot_chunks");
  require(sqlite3_step(stmt) == SQLITE_ROW, "the statement went on");
  sqlite3_finalize(stmt);
  require(sqlite3_close(db) == SQLITE_OK, "close");
}

static void taken(void) {
  sqlite3 *db = connect();
  sqlite3_stmt *stmt;
  char *err = "no error";
  sqlite3_create_function(db, "vx_snapshot_flush", 0, SQLITE_UTF8, 0, one, 0, 0);
  stmt = running(db);
  sqlite3_load_extension(db, library, 0, &err);
  printf("%s\n", err);
  sqlite3_finalize(stmt);
  stmt = 0;
  load(db);
  query(db, "SELECT vx_snapshot_flush(), vx_snapshot_debug(), count(*) FROM vx_snapshot_chunks");
  require(sqlite3_close(db) == SQLITE_OK, "close");
}

static void *loads(void *unused) {
  for (int i = 0; i < 3000; i++) {
    sqlite3 *db = connect();
    load(db);
    require(sqlite3_close(db) == SQLITE_OK, "close");
  }
  return unused;
}

static void threads(void) {
  pthread_t all[4];
  sqlite3 *db = connect(); /* the process keeps what the first load takes */
  load(db);
  sqlite3_close(db);
  sqlite3_int64 before = sqlite3_memory_used();
  for (int i = 0; i < 4; i++) pthread_create(&all[i], 0, loads, 0);
  for (int i = 0; i < 4; i++) pthread_join(all[i], 0);
  printf("%lld bytes leaked\n", (long long)(sqlite3_memory_used() - before));
}

static int second(sqlite3 *db, char **err, const void *api) {
  (void)err, (void)api;
  return sqlite3_create_function(db, "second", 0, SQLITE_UTF8, 0, one, 0, 0);
}

static void automatic(void) {
  void *so = dlopen(library, RTLD_NOW);
  require(so != 0, "dlopen");
  sqlite3_auto_extension((void (*)(void))dlsym(so, "sqlite3_vxsnap_init"));
  sqlite3_auto_extension((void (*)(void))second);
  for (int i = 0; i < 2; i++) {
    sqlite3 *db = connect();
    query(db, "SELECT vx_snapshot_version()");
    query(db, "SELECT second()");
    sqlite3_close(db);
  }
}

/* A copy of the SQLite that the program is linked with, in the current directory. */
static void *copy(void) {
  Dl_info info;
  require(dladdr((void *)sqlite3_libversion, &info) != 0, "dladdr");
  char *cp = sqlite3_mprintf("cp '%s' other.so", info.dli_fname);
  require(system(cp) == 0, cp);
  sqlite3_free(cp);
  return dlopen("./other.so", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
}
static void other(void) {
  void *so = copy();
  sqlite3 *db = connect(), *in_copy;
  char *err = "no error";
  require(so != 0, "dlopen");
  int (*open)(const char *, sqlite3 **) = (int (*)(const char *, sqlite3 **))dlsym(so, "sqlite3_open");
  int (*config)(sqlite3 *, int, ...) = (int (*)(sqlite3 *, int, ...))dlsym(so, "sqlite3_db_config");
  int (*load_in_copy)(sqlite3 *, const char *, const char *, char **) =
      (int (*)(sqlite3 *, const char *, const char *, char **))dlsym(so, "sqlite3_load_extension");
  void (*release)(void *) = (void (*)(void *))dlsym(so, "sqlite3_free");
  require(open != sqlite3_open, "the same SQLite");
  load(db);
  sqlite3_int64 before = sqlite3_memory_used();
  open(":memory:", &in_copy);
  config(in_copy, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, 0);
  load_in_copy(in_copy, library, 0, &err);
  printf("%s\n", err);
  release(err);
  require(sqlite3_memory_used() == before, "memory of one copy was freed by the other");
  query(db, "SELECT vx_snapshot_version(), count(*) FROM vx_snapshot_chunks");
  require(sqlite3_close(db) == SQLITE_OK, "close");
}

int main(int argc, char **argv) {
  require(argc == 3, "usage");
  library = argv[1];
  switch (argv[2][1]) {
    case 'w': twice(); break;
    case 'a': taken(); break;
    case 'h': threads(); break;
    case 'u': automatic(); break;
    case 't': other(); break;
  }
  printf("done\n");
  return 0;
}
