/*
** fork.c: what the watch says here, and in children of every kind.
**
**   fork kernel|refuses|ignores   madvise() as it is, or one that is an error, or
**                                 one that does nothing and says that it did
*/
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../vxsnap.h"

static const char *how;

int madvise(void *p, size_t n, int advice) {
  if (strcmp(how, "kernel") == 0) return syscall(SYS_madvise, p, n, advice);
  return strcmp(how, "ignores") == 0 ? 0 : -1;
}

static int said(pid_t child) {
  int status;
  if (child == -1 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}
static int in_child(void *nothing) {
  (void)nothing;
  _exit(vx_forked());
}

int main(int argc, char **argv) {
  static char stack[1 << 16] __attribute__((aligned(16)));
  pid_t child;
  if (argc < 2) return 1;
  how = argv[1];
  vx_fork_watch();
  printf("here %d", vx_forked());
  fflush(stdout);

  if ((child = fork()) == 0) _exit(vx_forked());
  printf(", fork %d", said(child));
  fflush(stdout);

  if ((child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)) == 0) _exit(vx_forked());
  printf(", clone %d", said(child));
  fflush(stdout);

  if ((child = fork()) == 0) {
    if ((child = fork()) == 0) _exit(vx_forked());
    _exit(said(child));
  }
  printf(", child of a child %d", said(child));
  fflush(stdout);

  child = clone(in_child, stack + sizeof stack, CLONE_VM | SIGCHLD, 0);
  printf(", shared memory %d", said(child));
  fflush(stdout);

  if ((child = vfork()) == 0) _exit(vx_forked());
  printf(", vfork %d", said(child));
  printf(", here %d\n", vx_forked());
  return 0;
}
