/*
** entry.c: the entry point that SQLite derives from the file name vxsnap.so.
*/
#include <sqlite3ext.h>

extern int sqlite3_extension_init(sqlite3 *, char **, const sqlite3_api_routines *);

int sqlite3_vxsnap_init(sqlite3 *db, char **err, const sqlite3_api_routines *api) {
  return sqlite3_extension_init(db, err, api);
}
