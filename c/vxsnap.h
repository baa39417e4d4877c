/*
** vxsnap.h: the C side of package c.
**
** Everything here is a thin wrapper over one call of SQLite's extension API,
** over one method of a sqlite3_file, or part of one of five small mechanisms:
**
**   the guard (guard.c)   makes every function and table of the extension
**                         SQLITE_DIRECTONLY and stops callbacks in a forked
**                         child before they enter Go
**   memory (memory.c)     is there before Go is entered, which cannot do without;
**                         entry.c and the guard hand out the texts of errors
**   the end (guard.c)     vx_on_close tells Go that a connection has ended
**   blocks (block.c)      reference-counted memory that SQLite may keep as a
**                         BLOB without copying it
**   linking in (auto.c)   finds SQLite in a program that it is linked into, and
**                         registers the extension there: with every connection
**                         to come, or with one
**
** Thread rule: every function that takes a sqlite3*, sqlite3_stmt*,
** sqlite3_file* or sqlite3_context* is called on the thread that SQLite
** called us on. vx_block_* and vx_interrupt may be called on any thread.
**
** Owner rule: a pointer that goes out is owned by the callee's side until the
** named counterpart is called; nothing here keeps a pointer to Go memory.
*/
#ifndef VXSNAP_H
#define VXSNAP_H

#include <stdint.h>

#include <sqlite3ext.h>

#define VX_WAL_INDEX 100         /* two 48-byte headers and nBackfill */
#define VX_WAL_REGION 32768      /* in which VFSs map the wal-index */
#define VX_OLDEST_SQLITE 3035000 /* 2021-03-12, sqlite3_txn_state() and more */

/* guard.c. One registration at a time: the caller holds a lock. */
int vx_guard_install(void);       /* SQLITE_OK, or why the table cannot be guarded */

int vx_on_close(sqlite3 *, uintptr_t handle); /* vxConnClosed(handle) when the connection ends */
extern void vxConnClosed(uintptr_t handle);    /* in Go */

/* fork.c. The watch begins once, before any callback. */
void vx_fork_watch(void);
int vx_forked(void);          /* 1 in a child that has a copy of the memory, and no threads of Go */
extern const char vx_forked_message[]; /* what an SQL error says there */

/* memory.c. Of the calling thread; what is taken is given back before the callback returns. */
int vx_reserve(void);               /* SQLITE_OK or SQLITE_NOMEM */
void vx_unreserve(void);
int vx_say(const char *z, int n);   /* copies z; SQLITE_OK or SQLITE_NOMEM */
char *vx_said(void);                /* what was said last, or NULL; freed with sqlite3_free */

/* auto.c. SQLITE_MISUSE: no SQLite is linked into the program. */
int vx_auto_extension(void);
int vx_link(void);                    /* finds the table of SQLite's functions; the caller holds a lock */
int vx_register(sqlite3 *, char **err); /* err is freed with vx_free; the caller holds a lock */
void vx_free(void *);

/* block.c. Live blocks are counted so that tests can see a leak. */
typedef struct vx_block vx_block;
vx_block *vx_block_new(sqlite3_uint64 size);  /* one reference; NULL: no memory */
void *vx_block_data(vx_block *);              /* valid while a reference is held */
int vx_block_shared(vx_block *);              /* 1 if SQLite still holds a chunk of it */
void vx_block_release(vx_block *);            /* drops the reference of vx_block_new */
long long vx_block_live(void);                /* blocks not yet freed */

/* table.c: regular files that are read in a descriptor table of their own. A result is what
** the system call gives, or minus an errno. The path and the memory are the caller's. */
typedef struct vx_table vx_table;
#define VX_NOT_REGULAR 100000
vx_table *vx_table_new(int *error); /* NULL: error is an errno */
void vx_table_free(vx_table *);     /* when nothing is open */
sqlite3_int64 vx_table_open(vx_table *, const char *path);
sqlite3_int64 vx_table_stat(vx_table *, int fd, void *st);
sqlite3_int64 vx_table_read(vx_table *, int fd, void *p, sqlite3_uint64 n, sqlite3_int64 at);
sqlite3_int64 vx_table_copy(vx_table *, int fd, const char *to, sqlite3_uint64 n, sqlite3_int64 at); /* to the same place of to */
void vx_table_close(vx_table *, int fd);

/* call.c: results. The context is valid during the callback only. */
void vx_result_chunk(void *ctx, const void *chunk, sqlite3_uint64 n); /* chunk lies in a vx_block; takes a reference */
void vx_result_text(void *ctx, const char *z, sqlite3_uint64 n);      /* copies z */
void vx_result_blob(void *ctx, const void *p, sqlite3_uint64 n);
void vx_result_error(void *ctx, int code, const char *z, int n);      /* copies z; sets code and text together */

/* call.c: arguments. A value as it is: an INTEGER in i, the bytes of a TEXT or a BLOB in p. */
struct vx_value {
  int type, n; /* n < 0: no memory */
  sqlite3_int64 i;
  const void *p; /* owned by SQLite, valid during the callback */
};
void vx_values(int n, void *argv, struct vx_value *out);

/* call.c: connections. */
int vx_open(const char *name, sqlite3 **, int flags, const char *vfs);
int vx_close(sqlite3 *);
int vx_errcode(sqlite3 *);
const char *vx_errmsg(sqlite3 *);
const char *vx_errstr(int);
const char *vx_filename(sqlite3 *, const char *schema);
int vx_max_length(sqlite3 *);     /* SQLITE_LIMIT_LENGTH, in bytes */
int vx_readonly(sqlite3 *, const char *schema);
int vx_txn_state(sqlite3 *, const char *schema);
int vx_autocommit(sqlite3 *);
int vx_total_changes(sqlite3 *);
int vx_connected(sqlite3 *, const char *load, const char *use);
int vx_try_lock(sqlite3 *);   /* 1: the connection is this thread's until vx_unlock */
void vx_unlock(sqlite3 *);
int vx_busy_timeout(sqlite3 *, int ms);
int vx_no_checkpoint_on_close(sqlite3 *);
void vx_interrupt(sqlite3 *);
int vx_plain(sqlite3 *);
const char *vx_sourceid(void);
int vx_libversion(void);

/* interrupted.c. */
int vx_is_interrupted(sqlite3 *); /* 0, 1, or -1 where this SQLite does not tell */

/* call.c: statements. Text is valid until the next call on the statement; n < 0: no memory. */
int vx_prepare(sqlite3 *, const char *sql, int n, sqlite3_stmt **);
int vx_step(sqlite3_stmt *);
int vx_finalize(sqlite3_stmt *);
int vx_bind_text(sqlite3_stmt *, int i, const char *z, int n);       /* copies z */
int vx_bind_blob(sqlite3_stmt *, int i, const void *p, sqlite3_uint64 n); /* copies p */
int vx_bind_int64(sqlite3_stmt *, int i, sqlite3_int64 v);
void vx_reset(sqlite3_stmt *);                                       /* its parameters too */
int vx_column_count(sqlite3_stmt *);
sqlite3_int64 vx_column_int64(sqlite3_stmt *, int i);
const char *vx_column_text(sqlite3_stmt *, int i, int *n);
const void *vx_column_blob(sqlite3_stmt *, int i, int *n);
int vx_column_null(sqlite3_stmt *, int i);
int vx_script(sqlite3 *, const char *sql); /* several statements */
sqlite3_stmt *vx_next_stmt(sqlite3 *, sqlite3_stmt *);
const char *vx_sql(sqlite3_stmt *);

/* call.c: the Online Backup API. The object is owned until vx_backup_finish. */
sqlite3_backup *vx_backup_init(sqlite3 *dst, sqlite3 *src, const char *schema);
int vx_backup_step(sqlite3_backup *, int pages);
int vx_backup_pages(sqlite3_backup *);
int vx_backup_finish(sqlite3_backup *);

/* call.c: a connection's own open files. Owned by the connection. */
sqlite3_file *vx_file_pointer(sqlite3 *, const char *schema); /* open or not */
sqlite3_file *vx_file(sqlite3 *, const char *schema, int op);
int vx_file_vfs(sqlite3 *, const char *schema, sqlite3_vfs **);
const char *vx_vfs_name(sqlite3_vfs *);
int vx_has_moved(sqlite3 *, const char *schema, int *moved);
int vx_file_shares_memory(sqlite3_file *);
int vx_file_read(sqlite3_file *, void *buf, int n, sqlite3_int64 offset);
int vx_file_size(sqlite3_file *, sqlite3_int64 *size);
int vx_file_wal_index(sqlite3_file *, unsigned char *start); /* VX_WAL_INDEX bytes */
int vx_file_wal_region(sqlite3_file *, int region, int offset, void *to, int n);

#endif
