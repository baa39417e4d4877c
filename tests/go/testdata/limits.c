/*
** limits.c: vxsnap.so in a C program that has limits.
**
**     limits LIBRARY load       a soft limit of 256 descriptors
**     limits LIBRARY refused    the same, where a load fails
**     limits LIBRARY meanwhile  the same, where another thread sets it to 300 during the load
**     limits LIBRARY memory     too little address space for the runtime, and then more
**     limits LIBRARY threads    too few threads, and then more
**
** It prints what loads say, and what the soft limit of descriptors is then for itself
** and for its children.
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define COLUMNS "seq, file_name, offset, data, is_last, metadata_json"
#define LEAST 700 /* MB: the runtime ends the process with less */
#define ENOUGH 2400

static int meanwhile;

static void require(int right, const char *what) {
  if (right) return;
  printf("%s\n", what);
  exit(1);
}

static void limit(int resource, rlim_t soft) {
  struct rlimit r;
  getrlimit(resource, &r);
  r.rlim_cur = soft;
  require(setrlimit(resource, &r) == 0, "setrlimit");
}

/* The library's call comes here. */
int prlimit(pid_t pid, enum __rlimit_resource resource, const struct rlimit *set, struct rlimit *old) {
  int (*real)(pid_t, int, const struct rlimit *, struct rlimit *) = 0;
  *(void **)&real = dlsym(RTLD_NEXT, "prlimit");
  if (meanwhile) limit(RLIMIT_NOFILE, 300);
  meanwhile = 0;
  return real(pid, resource, set, old);
}

/* A connection, which loads vxsnap, and what that says. */
static sqlite3 *connect(void) {
  sqlite3 *db;
  int rc = sqlite3_open(":memory:", &db);
  printf("%d %s\n", rc, sqlite3_errmsg(db));
  return db;
}

static void work(sqlite3 *db) {
  char *err = 0;
  int rc = sqlite3_exec(db,
      "CREATE TABLE t AS SELECT randomblob(1000000) AS a; ATTACH '' AS store; CREATE TABLE store.snap AS SELECT * FROM vx_snapshot_chunks;"
      "SELECT vx_snapshot_verify(" COLUMNS ") FROM (SELECT * FROM store.snap ORDER BY seq DESC)", 0, 0, &err);
  require(rc == SQLITE_OK, err);
}

static void restore(sqlite3 *db) {
  char *err = 0;
  require(sqlite3_exec(db, "SELECT vx_snapshot_restore('out', " COLUMNS ") FROM store.snap", 0, 0, &err) == SQLITE_OK, err);
}

/* Another extension has one of the names, and a statement runs. */
static void refused(const char *library) {
  char *err = "no error";
  sqlite3 *db = connect();
  sqlite3_stmt *stmt;
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, 0);
  sqlite3_create_function(db, "vx_snapshot_flush", 0, SQLITE_UTF8, 0, (void (*)(sqlite3_context *, int, sqlite3_value **))abort, 0, 0);
  sqlite3_prepare_v2(db, "SELECT 1 UNION ALL SELECT 2", -1, &stmt, 0);
  sqlite3_step(stmt);
  require(sqlite3_load_extension(db, library, 0, &err) != SQLITE_OK, "loaded");
}

static void memory(void) {
  long pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  require(f && fscanf(f, "%ld", &pages) == 1, "statm");
  fclose(f);
  rlim_t used = (rlim_t)pages * sysconf(_SC_PAGESIZE);
  limit(RLIMIT_AS, used + ((rlim_t)LEAST << 20));
  connect();
  limit(RLIMIT_AS, used + ((rlim_t)ENOUGH << 20));
  work(connect());
}

/* The limit is one of all processes of a user, and none of root's. */
static void threads(void) {
  require(setgid(54321) == 0 && setuid(54321) == 0, "setuid: this runs as root");
  limit(RLIMIT_NPROC, 4);
  connect();
  limit(RLIMIT_NPROC, 20);
  work(connect());
}

int main(int argc, char **argv) {
  require(argc == 3, "usage");
  setvbuf(stdout, 0, _IOLBF, 0);
  limit(RLIMIT_NOFILE, 256);
  void *so = dlopen(argv[1], RTLD_NOW);
  require(so != 0, "dlopen");
  meanwhile = strcmp(argv[2], "meanwhile") == 0;
  if (strcmp(argv[2], "refused") == 0) {
    refused(argv[1]);
  } else {
    sqlite3_auto_extension((void (*)(void))dlsym(so, "sqlite3_vxsnap_init"));
    if (strcmp(argv[2], "memory") == 0) memory();
    else if (strcmp(argv[2], "threads") == 0) threads();
    else {
      sqlite3 *db = connect();
      work(db);
      restore(db);
    }
  }
  struct rlimit r;
  getrlimit(RLIMIT_NOFILE, &r);
  printf("%d descriptors, children: ", (int)r.rlim_cur);
  fflush(stdout);
  return system("ulimit -S -n");
}
