/*
** interrupted.c: the question to an SQLite of before sqlite3_is_interrupted(), whose
** table ends there, and to one that has it. What lies behind the table of the older
** one is a function too, that must not be called.
*/
#include <stdio.h>
#include <stdlib.h>

#include "../vxsnap.h"

const sqlite3_api_routines *sqlite3_api;

static union {
  sqlite3_api_routines known;
  int (*all[400])(sqlite3 *);
} table;

static int version_number;
static int version(void) { return version_number; }
static int answer(sqlite3 *db) {
  (void)db;
  if (version_number < 3041000) {
    printf("called\n");
    exit(0);
  }
  return 1;
}

int main(void) {
  int behind = 266; /* the place of is_interrupted in the table of 3.41 */
  table.all[behind] = answer;
  table.known.libversion_number = version;
  sqlite3_api = &table.known;
  for (int i = 0; i < 2; i++) {
    version_number = i ? 3041000 : 3040999;
    printf("%d ", vx_is_interrupted(0));
  }
  return 0;
}
