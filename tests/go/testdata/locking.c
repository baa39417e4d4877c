/*
** Runs SQL in an SQLite that was built with SQLITE_DEFAULT_LOCKING_MODE=1:
** locking vxsnap.so database statement…
*/
#include <stdio.h>

#include "sqlite3-binding.h"

static int print(void *unused, int n, char **values, char **names) {
  (void)unused, (void)names;
  for (int i = 0; i < n; i++) printf("%s\n", values[i] ? values[i] : "NULL");
  return 0;
}

int main(int argc, char **argv) {
  sqlite3 *db;
  char *err = 0;
  if (sqlite3_open(argv[2], &db) || sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, (int *)0) ||
      sqlite3_load_extension(db, argv[1], 0, &err)) {
    printf("%s\n", err ? err : sqlite3_errmsg(db));
    return 1;
  }
  for (int i = 3; i < argc; i++) {
    if (sqlite3_exec(db, argv[i], print, 0, &err)) {
      printf("%s: %s\n", argv[i], err);
      return 1;
    }
  }
  return sqlite3_close(db);
}
