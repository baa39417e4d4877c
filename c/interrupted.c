/*
** interrupted.c: sqlite3_is_interrupted(), which came with SQLite 3.41.
**
** HOW IT WORKS
**
** SQLite appends what is new to its table of functions, so the place of a function is
** the same in the table of every SQLite that has it, whatever headers this is compiled
** with. The SQLite that runs may be older or newer than those: its version number says
** whether its table goes on that far.
*/
#include <stddef.h>
#include <string.h>

#include "vxsnap.h"

SQLITE_EXTENSION_INIT3

#define SINCE 3041000
#define PLACE (266 * sizeof(void *)) /* behind value_encoding, which came with 3.40 */

#if SQLITE_VERSION_NUMBER >= SINCE
_Static_assert(offsetof(sqlite3_api_routines, is_interrupted) == PLACE, "the place of sqlite3_is_interrupted");
#elif SQLITE_VERSION_NUMBER >= 3040000
_Static_assert(sizeof(sqlite3_api_routines) == PLACE, "the place behind the table of 3.40");
#endif

int vx_is_interrupted(sqlite3 *db) {
  int (*is_interrupted)(sqlite3 *);
  if (sqlite3_libversion_number() < SINCE) return -1;
  memcpy(&is_interrupted, (const char *)sqlite3_api + PLACE, sizeof is_interrupted);
  return is_interrupted(db);
}
