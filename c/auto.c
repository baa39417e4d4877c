/*
** auto.c: for Go programs that link SQLite in.
**
** sqlite3_auto_extension is a plain symbol there and none in a loadable
** extension, so it is weak. An automatic extension must return SQLITE_OK; a
** loaded one returns SQLITE_OK_LOAD_PERMANENTLY.
*/
#include "vxsnap.h"

#undef sqlite3_auto_extension
extern int sqlite3_auto_extension(void (*entry)(void)) __attribute__((weak));
extern int sqlite3_extension_init(sqlite3 *, char **, const sqlite3_api_routines *);

static int auto_init(sqlite3 *db, char **err, const sqlite3_api_routines *api) {
  int rc = sqlite3_extension_init(db, err, api);
  return rc == SQLITE_OK_LOAD_PERMANENTLY ? SQLITE_OK : rc;
}

int vx_auto_extension(void) {
  if (!sqlite3_auto_extension) return SQLITE_MISUSE;
  return sqlite3_auto_extension((void (*)(void))auto_init);
}
