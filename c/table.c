/*
** table.c: files in a descriptor table that is not the process's.
**
** HOW IT WORKS
**
** To close any descriptor of a file drops every POSIX lock that the process has on it
** (https://www.sqlite.org/howtocorrupt.html, section 2.2), SQLite's too. The kernel knows
** the process by its descriptor table, so a thread that has one of its own drops nothing
** but what belongs to that. Such a thread does everything that is done with these files;
** it is no thread of Go, whose runtime needs its descriptors. It starts with an empty
** table, and a caller waits for it.
*/
#define _GNU_SOURCE
#include "vxsnap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#define UNSHARE 2u /* CLOSE_RANGE_UNSHARE, from Linux 5.9 on */

enum what { NOTHING, OPEN, STAT, READ, COPY, CLOSE, END };

struct vx_table {
  pthread_t thread;
  pthread_mutex_t lock;   /* of what follows */
  pthread_cond_t changed; /* told when what is asked for, or done */
  enum what what;
  int busy; /* somebody asks */
  int started;
  /* What is asked for, and the answer: a result, or minus an errno. */
  const char *path;
  int fd;
  void *p;
  size_t n;
  sqlite3_int64 at, result;
};

static sqlite3_int64 or_errno(sqlite3_int64 result) { return result < 0 ? -errno : result; }

static sqlite3_int64 open_regular(const char *path) {
  struct stat st;
  int fd;
  /* A device may do something when it is opened. */
  if (stat(path, &st) != 0) return -errno;
  if (!S_ISREG(st.st_mode)) return -VX_NOT_REGULAR;
  fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return -errno;
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) return fd;
  close(fd);
  return -VX_NOT_REGULAR;
}

/* copy copies to a file by a name of it, of which it takes no descriptor from elsewhere. */
static sqlite3_int64 copy(int fd, const char *to, size_t n, sqlite3_int64 at) {
  sqlite3_int64 in = at, out = at;
  sqlite3_int64 result;
  int target = open(to, O_WRONLY | O_NOCTTY | O_CLOEXEC);
  if (target < 0) return -errno;
  result = or_errno(syscall(SYS_copy_file_range, fd, &in, target, &out, n, 0u));
  close(target);
  return result;
}

static sqlite3_int64 answer(struct vx_table *t) {
  switch (t->what) {
    case OPEN: return open_regular(t->path);
    case STAT: return or_errno(fstat(t->fd, t->p));
    case READ: return or_errno(pread(t->fd, t->p, t->n, t->at));
    case COPY: return copy(t->fd, t->path, t->n, t->at);
    case CLOSE: return or_errno(close(t->fd));
    default: return 0;
  }
}

/* own gives the calling thread a table of its own, without any descriptor. */
static int own(void) {
  if (syscall(SYS_close_range, 0u, ~0u, UNSHARE) == 0) return 0;
  if (unshare(CLONE_FILES) != 0) return -errno;
  for (long fd = 0, n = sysconf(_SC_OPEN_MAX); fd < n; fd++) close((int)fd);
  return 0;
}

static void *serve(void *p) {
  struct vx_table *t = p;
  enum what what;
  pthread_mutex_lock(&t->lock);
  t->result = own();
  t->started = 1;
  do {
    pthread_cond_broadcast(&t->changed);
    while (t->what == NOTHING) pthread_cond_wait(&t->changed, &t->lock);
    what = t->what;
    t->result = answer(t);
    t->what = NOTHING;
  } while (what != END);
  pthread_cond_broadcast(&t->changed);
  pthread_mutex_unlock(&t->lock);
  return 0;
}

/* ask lets the thread do what the caller has put into ask, one at a time. */
static sqlite3_int64 ask(struct vx_table *t, enum what what, const char *path, int fd, void *p, size_t n, sqlite3_int64 at) {
  sqlite3_int64 result;
  pthread_mutex_lock(&t->lock);
  while (t->busy) pthread_cond_wait(&t->changed, &t->lock);
  t->busy = 1;
  t->path = path, t->fd = fd, t->p = p, t->n = n, t->at = at, t->what = what;
  pthread_cond_broadcast(&t->changed);
  while (t->what != NOTHING) pthread_cond_wait(&t->changed, &t->lock);
  result = t->result;
  t->busy = 0;
  pthread_cond_broadcast(&t->changed);
  pthread_mutex_unlock(&t->lock);
  return result;
}

vx_table *vx_table_new(int *error) {
  struct vx_table *t = calloc(1, sizeof *t);
  pthread_attr_t attr;
  sigset_t all, before;
  size_t stack = 64 << 10;
  if (t == 0) {
    *error = ENOMEM;
    return 0;
  }
  pthread_mutex_init(&t->lock, 0);
  pthread_cond_init(&t->changed, 0);
  pthread_attr_init(&attr);
  if (stack < (size_t)PTHREAD_STACK_MIN) stack = PTHREAD_STACK_MIN;
  pthread_attr_setstacksize(&attr, stack);
  sigfillset(&all); /* the host's handlers are not for this thread */
  pthread_sigmask(SIG_SETMASK, &all, &before);
  *error = pthread_create(&t->thread, &attr, serve, t);
  pthread_sigmask(SIG_SETMASK, &before, 0);
  pthread_attr_destroy(&attr);
  if (*error != 0) {
    free(t);
    return 0;
  }
  pthread_mutex_lock(&t->lock);
  while (!t->started) pthread_cond_wait(&t->changed, &t->lock);
  *error = (int)-t->result;
  pthread_mutex_unlock(&t->lock);
  if (*error != 0) {
    vx_table_free(t);
    return 0;
  }
  return t;
}

void vx_table_free(vx_table *t) {
  ask(t, END, 0, -1, 0, 0, 0);
  pthread_join(t->thread, 0);
  pthread_cond_destroy(&t->changed);
  pthread_mutex_destroy(&t->lock);
  free(t);
}

sqlite3_int64 vx_table_open(vx_table *t, const char *path) { return ask(t, OPEN, path, -1, 0, 0, 0); }
sqlite3_int64 vx_table_stat(vx_table *t, int fd, void *st) { return ask(t, STAT, 0, fd, st, 0, 0); }
sqlite3_int64 vx_table_read(vx_table *t, int fd, void *p, sqlite3_uint64 n, sqlite3_int64 at) { return ask(t, READ, 0, fd, p, n, at); }
sqlite3_int64 vx_table_copy(vx_table *t, int fd, const char *to, sqlite3_uint64 n, sqlite3_int64 at) { return ask(t, COPY, to, fd, 0, n, at); }
void vx_table_close(vx_table *t, int fd) { ask(t, CLOSE, 0, fd, 0, 0, 0); }
