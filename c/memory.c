/*
** memory.c: what go.riyazali.net/sqlite takes for granted.
**
** HOW IT WORKS
**
** The package does not look at what sqlite3_malloc returns. vx_reserve takes a
** little before Go is entered, while there still is a way to say SQLITE_NOMEM; a
** malloc that fails later is given that. No callback needs it twice, and nothing
** that it needs it for is larger. The texts of errors, which may be, do not come
** that way: Go says them to vx_say, and whoever entered Go takes them with
** vx_said.
*/
#include "vxsnap.h"

SQLITE_EXTENSION_INIT3

#define RESERVE (int)sizeof(sqlite3_module)

static __thread void *reserve;
static __thread char *text;

int vx_reserve(void) {
  if (reserve == 0) reserve = sqlite3_malloc(RESERVE);
  return reserve ? SQLITE_OK : SQLITE_NOMEM;
}
void vx_unreserve(void) {
  sqlite3_free(reserve);
  reserve = 0;
}
void *__wrap__sqlite3_malloc(int n) {
  void *p = sqlite3_malloc(n);
  if (p == 0 && n <= RESERVE) {
    p = reserve;
    reserve = 0;
  }
  return p;
}

int vx_say(const char *z, int n) {
  sqlite3_free(text);
  text = sqlite3_mprintf("%.*s", n, z);
  return text ? SQLITE_OK : SQLITE_NOMEM;
}
char *vx_said(void) {
  char *z = text;
  text = 0;
  return z;
}
