/*
** start.c: starts the Go runtime, if there is room for it.
**
** HOW IT WORKS
**
** Go starts the runtime of a shared library in a constructor, on a thread that
** it makes with x_cgo_sys_thread_create. Where there is no address space or no
** thread for it, it ends the process: a constructor can give nobody an error. The
** linker lets that call come here instead (main.go), which keeps it for the first
** load: vx_start, which c/entry.c calls on the way to Go, looks whether there is
** what Go needs (room.c), and then makes the call. A load that was refused can be
** tried again.
**
** A runtime that starts raises the soft limit of file descriptors to one less than
** the hard one. It is one of the host and its children, who may use select(), so
** vx_start puts back what was there.
*/
#define _GNU_SOURCE
#include "room.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

extern void vxStarted(void); /* in Go */
extern void __real_x_cgo_sys_thread_create(void *(*)(void *), void *);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *(*runtime)(void *); /* NULL: started, or nothing to start */
static void *argument;

void __wrap_x_cgo_sys_thread_create(void *(*start)(void *), void *arg) {
  runtime = start;
  argument = arg;
}

/* In one step, because another thread of the host may have set the limit meanwhile. */
static void put_back(const struct rlimit *was) {
  struct rlimit is;
  if (was->rlim_cur >= was->rlim_max - 1) return; /* Go left it alone */
  if (prlimit(0, RLIMIT_NOFILE, was, &is) == 0 && (is.rlim_cur != was->rlim_max - 1 || is.rlim_max != was->rlim_max))
    prlimit(0, RLIMIT_NOFILE, &is, 0);
}

/* Not SQLITE_NOMEM, which sqlite3_open() gives no text with, and no connection. */
static int start(char *why, int n) {
  struct rlimit was;
  const char *memory = getenv("GOMEMLIMIT");
  int threads = room_threads(), megabytes = room_megabytes(threads), err;
  if (!room_is_limit(memory)) {
    snprintf(why, n, "vxsnap: the environment variable GOMEMLIMIT is '%.40s'; it must be off, or a number of bytes such as 512MiB", memory);
    return SQLITE_CANTOPEN;
  }
  if ((err = room_for_memory(megabytes)) != 0) {
    snprintf(why, n, "vxsnap: %d MB of address space must be free to load it: %s; raise the limit (ulimit -v) and load vxsnap again",
             megabytes, strerror(err));
    return SQLITE_CANTOPEN;
  }
  if ((err = room_for_threads(threads)) != 0) {
    snprintf(why, n, "vxsnap: room for %d threads must be free to load it: %s; raise the limit (ulimit -u, or that of the container) and load vxsnap again",
             threads, strerror(err));
    return SQLITE_CANTOPEN;
  }
  getrlimit(RLIMIT_NOFILE, &was);
  __real_x_cgo_sys_thread_create(runtime, argument);
  vxStarted();
  put_back(&was);
  runtime = 0;
  return SQLITE_OK;
}

int vx_start(char *why, int n) {
  int rc = SQLITE_OK;
  pthread_mutex_lock(&lock);
  if (runtime) rc = start(why, n);
  pthread_mutex_unlock(&lock);
  return rc;
}
