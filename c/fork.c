/*
** fork.c: whether this process is a child of the one whose Go runtime runs.
**
** HOW IT WORKS
**
** Go's threads are gone in a child that has a copy of the memory, so entering Go
** there may hang for ever. One byte tells: it is 1, and the kernel makes its page
** anew, of zeros, in every copy of the memory (MADV_WIPEONFORK, Linux 4.14). That
** is so whoever makes the child, fork() or a plain clone(), and costs a load from
** memory for each callback. A child that shares the memory, of vfork() or with
** CLONE_VM, reads 1 and is let in, and must be: it shares the threads of Go too, and
** whatever it closes is closed for its parent, so that what belongs to it must be
** freed.
**
** Where the kernel has no such page, process ids are compared, at the price of a
** system call for each callback. Handlers of pthread_atfork() would not do: a plain
** clone() runs none, and a child that is let in by mistake hangs. To compare errs to
** the other side: a child that shares the memory is refused too, which is an error in
** a child that may do nothing but exec.
*/
#define _DEFAULT_SOURCE
#include "vxsnap.h"

#include <sys/mman.h>
#include <unistd.h>

static const volatile char *here; /* the byte; NULL: no such page */
static pid_t loaded_in;           /* the process whose Go runtime runs */

/* An emulator that ignores advice takes any, also one that there is not. */
static int wiped_on_fork(void *page, size_t size) {
#ifdef MADV_WIPEONFORK
  return madvise(page, size, -1) != 0 && madvise(page, size, MADV_WIPEONFORK) == 0;
#else
  return (void)page, (void)size, 0;
#endif
}

void vx_fork_watch(void) {
  size_t size = sysconf(_SC_PAGESIZE);
  char *page = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  loaded_in = getpid();
  if (page == MAP_FAILED) return;
  if (!wiped_on_fork(page, size)) {
    munmap(page, size);
    return;
  }
  *page = 1;
  here = page;
}

int vx_forked(void) { return here ? !*here : loaded_in && getpid() != loaded_in; }
