/*
** block.c: memory whose parts SQLite keeps as BLOBs without a copy.
**
** HOW IT WORKS
**
** A block holds many chunks. SQLite is given a pointer into it and, for each
** chunk, one reference, which the destructor drops when the BLOB dies. SQLite
** hands the destructor nothing but the chunk's address, so a block lies at a
** multiple of VX_BLOCK_ALIGN with its header first: the address with its low
** bits cleared is the header. Hence the one rule: a chunk starts less than
** VX_BLOCK_ALIGN - sizeof(header) bytes into its block.
*/
#include "vxsnap.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#define VX_BLOCK_ALIGN ((uintptr_t)1 << 21) /* 2 MiB */
#define VX_BLOCK_HEADER 64                  /* keeps the data on its own cache line */

struct vx_block {
  atomic_int refs; /* one of the maker, one for each BLOB that SQLite holds */
};

static atomic_llong live;

static void drop(vx_block *b) {
  if (atomic_fetch_sub(&b->refs, 1) == 1) {
    free(b);
    atomic_fetch_sub(&live, 1);
  }
}

static vx_block *owner(const void *chunk) {
  return (vx_block *)((uintptr_t)chunk & ~(VX_BLOCK_ALIGN - 1));
}

vx_block *vx_block_new(sqlite3_uint64 size) {
  void *p;
  if (posix_memalign(&p, VX_BLOCK_ALIGN, VX_BLOCK_HEADER + size)) return 0;
  atomic_init(&((vx_block *)p)->refs, 1);
  atomic_fetch_add(&live, 1);
  return p;
}
void *vx_block_data(vx_block *b) { return (char *)b + VX_BLOCK_HEADER; }
int vx_block_shared(vx_block *b) { return atomic_load(&b->refs) > 1; }
void vx_block_release(vx_block *b) { drop(b); }
long long vx_block_live(void) { return atomic_load(&live); }

SQLITE_EXTENSION_INIT3

static void chunk_destructor(void *chunk) { drop(owner(chunk)); }

void vx_result_chunk(void *ctx, const void *chunk, sqlite3_uint64 n) {
  atomic_fetch_add(&owner(chunk)->refs, 1);
  sqlite3_result_blob64(ctx, chunk, n, chunk_destructor);
}
