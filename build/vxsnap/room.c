/*
** room.c: what Go needs, and whether there is as much. The kernel is asked by
** trying, because many things limit it: setrlimit(), cgroups, the machine.
*/
#define _GNU_SOURCE
#include "room.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/*
** Measured with Go 1.26: with less, a load or a snapshot of a megabyte ended some
** of the processes that tried it. docs/RELIABILITY.md says how.
*/
#define THREADS 5           /* and one for each processor ... */
#define PROCESSORS 7        /* ... of so many, which are not all busy at once */
#define MEGABYTES 1300      /* and for each thread ... */
#define THREAD_MEGABYTES 64 /* ... what malloc() reserves for it, and its stack */

int room_threads(void) {
  cpu_set_t set;
  const char *told = getenv("GOMAXPROCS");
  int processors = told ? atoi(told) : 0;
  if (processors < 1) processors = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return THREADS + (processors < PROCESSORS ? processors : PROCESSORS);
}

int room_megabytes(int threads) { return MEGABYTES + THREAD_MEGABYTES * threads; }

int room_for_memory(int megabytes) {
  size_t n = (size_t)megabytes << 20;
  void *p = mmap(0, n, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0); /* a limit counts it, too */
  return p == MAP_FAILED || munmap(p, n) ? errno : 0;
}

/* As runtime.readGOMEMLIMIT, which ends the process where it cannot. */
int room_is_limit(const char *text) {
  static const char *const units[] = {"", "B", "KiB", "MiB", "GiB", "TiB"};
  char *unit;
  long long n;
  if (!text || !*text || strcmp(text, "off") == 0) return 1;
  errno = 0;
  n = strtoll(text, &unit, 10);
  if (errno || unit == text || isspace((unsigned char)*text) || n < 0) return 0;
  for (int i = 0; i < 6; i++)
    if (strcmp(unit, units[i]) == 0) return n <= LLONG_MAX >> (i < 2 ? 0 : 10 * (i - 1));
  return 0;
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *pass(void *unused) {
  pthread_mutex_lock(&gate);
  pthread_mutex_unlock(&gate);
  return unused;
}

/* All of them at once, and none on which the host's signals could run. */
int room_for_threads(int n) {
  pthread_t all[THREADS + PROCESSORS];
  sigset_t every, of_host;
  int made = 0, err = 0;
  sigfillset(&every);
  pthread_sigmask(SIG_SETMASK, &every, &of_host);
  pthread_mutex_lock(&gate);
  while (made < n && (err = pthread_create(&all[made], 0, pass, 0)) == 0) made++;
  pthread_mutex_unlock(&gate);
  while (made > 0) pthread_join(all[--made], 0);
  pthread_sigmask(SIG_SETMASK, &of_host, 0);
  return err;
}
