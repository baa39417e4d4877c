/*
** restart.c: a writer that restarts the WAL in the midst of
** vx_file_wal_index(), just before nBackfill or between the copies of the
** header, at the second barrier. What was read must then be whole or show that it is not.
**
**   restart backfill|barrier   prints what was read: the two copies of the
**                              header (old or new) and nBackfill
**
** nBackfill lies at the start of a page of memory that cannot be read at first,
** so that the writer comes just before it is.
*/
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../vxsnap.h"

const sqlite3_api_routines *sqlite3_api;
int vx_file_wal_index(sqlite3_file *, unsigned char *);

static char *wal_index, *pages;
static long page_size;
static int at_barrier;

/* What a writer does that restarts the WAL: second copy, first copy, nBackfill. */
static void restart(void) {
  memset(wal_index + 48, 'n', 48);
  memset(wal_index, 'n', 48);
  memset(wal_index + 96, 0, 4);
}
static void on_fault(int sig) {
  (void)sig;
  mprotect(pages + page_size, page_size, PROT_READ | PROT_WRITE);
  if (!at_barrier) restart();
}
static void barrier(sqlite3_file *f) {
  static int calls;
  (void)f;
  if (at_barrier && ++calls == 2) {
    mprotect(pages + page_size, page_size, PROT_READ | PROT_WRITE);
    restart();
  }
}
static int map(sqlite3_file *f, int region, int size, int extend, void volatile **out) {
  (void)f, (void)region, (void)size, (void)extend;
  *out = wal_index;
  return SQLITE_OK;
}
static const char *copy(const unsigned char *p) {
  for (int i = 1; i < 48; i++) if (p[i] != p[0]) return "torn";
  return p[0] == 'n' ? "new" : "old";
}

int main(int argc, char **argv) {
  static const sqlite3_io_methods methods = {.iVersion = 2, .xShmMap = map, .xShmBarrier = barrier};
  sqlite3_file file = {&methods};
  unsigned char got[VX_WAL_INDEX];
  int backfill = 7;
  page_size = sysconf(_SC_PAGESIZE);
  pages = mmap(0, 2 * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED || argc < 2) return 1;
  at_barrier = strcmp(argv[1], "barrier") == 0;
  wal_index = pages + page_size - 96;
  memset(wal_index, 'o', 96);
  memcpy(wal_index + 96, &backfill, 4);
  signal(SIGSEGV, on_fault);
  mprotect(pages + page_size, page_size, PROT_NONE);
  if (vx_file_wal_index(&file, got) != SQLITE_OK) return 1;
  memcpy(&backfill, got + 96, 4);
  printf("%s %s %d\n", copy(got), copy(got + 48), backfill);
  return 0;
}
