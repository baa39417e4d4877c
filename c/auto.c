/*
** auto.c: for Go programs that link SQLite in.
**
** sqlite3_auto_extension is a plain symbol there and none in a loadable
** extension, so it is weak.
*/
#include "vxsnap.h"

#undef sqlite3_auto_extension
extern int sqlite3_auto_extension(void (*entry)(void)) __attribute__((weak));
extern int sqlite3_extension_init(sqlite3 *, char **, const sqlite3_api_routines *);

/*
** The table of functions is handed to entry points only, so a connection of our
** own is opened to see it.
*/
#undef sqlite3_open
#undef sqlite3_close
#undef sqlite3_cancel_auto_extension
#undef sqlite3_free
extern int sqlite3_open(const char *, sqlite3 **) __attribute__((weak));
extern int sqlite3_close(sqlite3 *) __attribute__((weak));
extern int sqlite3_cancel_auto_extension(void (*entry)(void)) __attribute__((weak));
extern void sqlite3_free(void *) __attribute__((weak));

static const sqlite3_api_routines *table;

static int see_table(sqlite3 *db, char **err, const sqlite3_api_routines *api) {
  (void)db, (void)err;
  table = api;
  return SQLITE_OK;
}

static int find_table(void) {
  sqlite3 *own = 0;
  int rc;
  if (!sqlite3_auto_extension) return SQLITE_MISUSE;
  if (table) return SQLITE_OK;
  rc = sqlite3_auto_extension((void (*)(void))see_table);
  if (rc == SQLITE_OK) rc = sqlite3_open(":memory:", &own);
  sqlite3_close(own);
  sqlite3_cancel_auto_extension((void (*)(void))see_table);
  /* Built with SQLITE_OMIT_LOAD_EXTENSION, SQLite has no table to hand out. */
  return rc == SQLITE_OK && !table ? SQLITE_NOTFOUND : rc;
}

SQLITE_EXTENSION_INIT3

int vx_link(void) {
  int rc;
  if (sqlite3_api) return SQLITE_OK;
  rc = find_table();
  if (rc == SQLITE_OK) sqlite3_api = table;
  return rc;
}

int vx_register(sqlite3 *db, char **err) {
  int rc = find_table();
  return rc == SQLITE_OK ? sqlite3_extension_init(db, err, table) : rc;
}
void vx_free(void *p) { sqlite3_free(p); }

int vx_auto_extension(void) {
  int rc = find_table();
  return rc == SQLITE_OK ? sqlite3_auto_extension((void (*)(void))sqlite3_extension_init) : rc;
}
