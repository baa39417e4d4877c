/*
** entry.c: the call of an entry point, between C and Go. The linker lets the
** entry point of go.riyazali.net/sqlite come here (guard.go).
*/
#include "vxsnap.h"

/* Of the shared library alone, whose runtime may not be started yet: build/vxsnap/start.c. */
extern int vx_start(char *text, int n) __attribute__((weak));

SQLITE_EXTENSION_INIT3

extern int __real_go_sqlite3_extension_init(const char *, sqlite3 *, char **);

/*
** The text is freed by the SQLite that asked, which may be another one than ours:
** that is an error.
*/
int __wrap_go_sqlite3_extension_init(const char *name, sqlite3 *db, char **err) {
  const sqlite3_api_routines *asked = sqlite3_api;
  char why[300] = "";
  int rc;
  if (vx_forked()) { /* before anything that waits for a thread */
    if (err) *err = asked->mprintf("%s", vx_forked_message);
    return SQLITE_MISUSE;
  }
  rc = vx_start ? vx_start(why, sizeof why) : SQLITE_OK;
  if (rc != SQLITE_OK) {
    if (err) *err = asked->mprintf("%s", why);
    return rc;
  }
  rc = __real_go_sqlite3_extension_init(name, db, err);
  char *text = vx_said();
  if (rc != SQLITE_OK && text && err) *err = asked->mprintf("%s", text);
  sqlite3_free(text);
  return rc;
}
