/*
** call.c: one line per SQLite call that go.riyazali.net/sqlite does not wrap.
** In an extension these names are macros over the table sqlite3_api, which Go
** cannot call.
*/
#include <errno.h>
#include <string.h>

#include "vxsnap.h"

SQLITE_EXTENSION_INIT3

/* Results and values. */
void vx_result_text(void *ctx, const char *z, sqlite3_uint64 n) {
  sqlite3_result_text64(ctx, n ? z : "", n, SQLITE_TRANSIENT, SQLITE_UTF8);
}
void vx_result_blob(void *ctx, const void *p, sqlite3_uint64 n) {
  sqlite3_result_blob64(ctx, p, n, SQLITE_TRANSIENT);
}
/*
** SQLite keeps errno beside SQLITE_CANTOPEN and SQLITE_IOERR (sqlite3_system_errno),
** and some hosts show it after the sentence: it must not be that of an older call.
*/
void vx_result_error(void *ctx, int code, const char *z, int n) {
  errno = 0;
  sqlite3_result_error(ctx, z, n);
  sqlite3_result_error_code(ctx, code);
}
static const void *value_blob(sqlite3_value *value, int *n) {
  const void *p;
  *n = sqlite3_value_bytes(value); /* before: a value that there is no memory for becomes NULL */
  p = sqlite3_value_blob(value);
  if (p == 0 && *n > 0) *n = -1;
  return p;
}
static const void *value_text(sqlite3_value *value, int *n) {
  const void *z = sqlite3_value_text(value);
  *n = z ? sqlite3_value_bytes(value) : -1;
  return z;
}
/* What is asked for has the value's own type, so that none is converted. */
void vx_values(int n, void *argv, struct vx_value *out) {
  sqlite3_value **value = argv;
  for (; n > 0; n--, value++, out++) {
    out->type = sqlite3_value_type(*value);
    switch (out->type) {
      case SQLITE_INTEGER: out->i = sqlite3_value_int64(*value); break;
      case SQLITE_TEXT: out->p = value_text(*value, &out->n); break;
      case SQLITE_BLOB: out->p = value_blob(*value, &out->n); break;
    }
  }
}

/* Connections. */
int vx_open(const char *name, sqlite3 **db, int flags, const char *vfs) {
  return sqlite3_open_v2(name, db, flags, vfs);
}
int vx_close(sqlite3 *db) { return sqlite3_close_v2(db); }
int vx_errcode(sqlite3 *db) { return sqlite3_extended_errcode(db); }
const char *vx_errmsg(sqlite3 *db) { return sqlite3_errmsg(db); }
const char *vx_errstr(int rc) { return sqlite3_errstr(rc); }
const char *vx_filename(sqlite3 *db, const char *schema) { return sqlite3_db_filename(db, schema); }
int vx_max_length(sqlite3 *db) { return sqlite3_limit(db, SQLITE_LIMIT_LENGTH, -1); }
int vx_readonly(sqlite3 *db, const char *schema) { return sqlite3_db_readonly(db, schema); }
int vx_txn_state(sqlite3 *db, const char *schema) { return sqlite3_txn_state(db, schema); }
int vx_autocommit(sqlite3 *db) { return sqlite3_get_autocommit(db); }
int vx_total_changes(sqlite3 *db) { return sqlite3_total_changes(db); }
/*
** Whether a virtual table is connected: 0, 1, or 2 where that cannot be told. A
** statement on a table that is not makes SQLite connect it, which fails while
** the module may declare no more than one column; nothing is connected then. The
** schema is loaded before, because its tables have more. Nothing is stepped.
*/
int vx_connected(sqlite3 *db, const char *load, const char *use) {
  enum { dont_log = 0x10 }; /* SQLITE_PREPARE_DONT_LOG, from 3.48 */
  sqlite3_stmt *stmt = 0;
  int rc, columns;
  sqlite3_mutex_enter(sqlite3_db_mutex(db));
  rc = sqlite3_prepare_v2(db, load, -1, &stmt, 0);
  sqlite3_finalize(stmt);
  if (rc == SQLITE_OK) {
    columns = sqlite3_limit(db, SQLITE_LIMIT_COLUMN, 1);
    rc = sqlite3_prepare_v3(db, use, -1, dont_log, &stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_limit(db, SQLITE_LIMIT_COLUMN, columns);
    if (rc == SQLITE_ERROR) rc = -1;
  }
  sqlite3_mutex_leave(sqlite3_db_mutex(db));
  return rc == -1 ? 0 : rc == SQLITE_OK ? 1 : 2;
}
int vx_try_lock(sqlite3 *db) {
  sqlite3_mutex *mutex = sqlite3_db_mutex(db);
  return mutex != 0 && sqlite3_mutex_try(mutex) == SQLITE_OK;
}
void vx_unlock(sqlite3 *db) { sqlite3_mutex_leave(sqlite3_db_mutex(db)); }
int vx_busy_timeout(sqlite3 *db, int ms) { return sqlite3_busy_timeout(db, ms); }
void vx_interrupt(sqlite3 *db) { sqlite3_interrupt(db); }
int vx_no_checkpoint_on_close(sqlite3 *db) {
  return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}
/* A connection on a file that nobody vouches for: its schema may call nothing. */
int vx_plain(sqlite3 *db) {
  int rc = sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)0);
  if (rc == SQLITE_OK) rc = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)0);
  if (rc == SQLITE_OK) rc = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, (int *)0);
  return rc;
}
const char *vx_sourceid(void) { return sqlite3_sourceid(); }
int vx_libversion(void) { return sqlite3_libversion_number(); }

/* Statements. */
int vx_prepare(sqlite3 *db, const char *sql, int n, sqlite3_stmt **out) {
  return sqlite3_prepare_v2(db, sql, n, out, 0);
}
int vx_step(sqlite3_stmt *stmt) { return sqlite3_step(stmt); }
int vx_finalize(sqlite3_stmt *stmt) { return sqlite3_finalize(stmt); }
int vx_bind_text(sqlite3_stmt *stmt, int i, const char *z, int n) {
  return sqlite3_bind_text(stmt, i, n ? z : "", n, SQLITE_TRANSIENT);
}
int vx_bind_int64(sqlite3_stmt *stmt, int i, sqlite3_int64 v) { return sqlite3_bind_int64(stmt, i, v); }
int vx_bind_blob(sqlite3_stmt *stmt, int i, const void *p, sqlite3_uint64 n) {
  return sqlite3_bind_blob64(stmt, i, n ? p : "", n, SQLITE_TRANSIENT);
}
void vx_reset(sqlite3_stmt *stmt) {
  sqlite3_reset(stmt);
  sqlite3_clear_bindings(stmt);
}
int vx_script(sqlite3 *db, const char *sql) { return sqlite3_exec(db, sql, 0, 0, 0); }
int vx_column_count(sqlite3_stmt *stmt) { return sqlite3_column_count(stmt); }
sqlite3_int64 vx_column_int64(sqlite3_stmt *stmt, int i) { return sqlite3_column_int64(stmt, i); }
const char *vx_column_text(sqlite3_stmt *stmt, int i, int *n) {
  int null = sqlite3_column_type(stmt, i) == SQLITE_NULL;
  const char *z = (const char *)sqlite3_column_text(stmt, i);
  *n = z ? sqlite3_column_bytes(stmt, i) : null ? 0 : -1;
  return z;
}
int vx_column_null(sqlite3_stmt *stmt, int i) { return sqlite3_column_type(stmt, i) == SQLITE_NULL; }
const void *vx_column_blob(sqlite3_stmt *stmt, int i, int *n) {
  const void *p;
  *n = sqlite3_column_bytes(stmt, i); /* before: one that there is no memory for becomes NULL */
  p = sqlite3_column_blob(stmt, i);
  if (p == 0 && *n > 0) *n = -1;
  return p;
}
sqlite3_stmt *vx_next_stmt(sqlite3 *db, sqlite3_stmt *stmt) { return sqlite3_next_stmt(db, stmt); }
const char *vx_sql(sqlite3_stmt *stmt) { return sqlite3_sql(stmt); }

/* The Online Backup API. */
sqlite3_backup *vx_backup_init(sqlite3 *dst, sqlite3 *src, const char *schema) {
  return sqlite3_backup_init(dst, "main", src, schema);
}
int vx_backup_step(sqlite3_backup *b, int pages) { return sqlite3_backup_step(b, pages); }
int vx_backup_pages(sqlite3_backup *b) { return sqlite3_backup_pagecount(b); }
int vx_backup_finish(sqlite3_backup *b) { return sqlite3_backup_finish(b); }

/* Files. A file that is not open has no methods. */
sqlite3_file *vx_file_pointer(sqlite3 *db, const char *schema) {
  sqlite3_file *f = 0;
  return sqlite3_file_control(db, schema, SQLITE_FCNTL_FILE_POINTER, &f) == SQLITE_OK ? f : 0;
}
sqlite3_file *vx_file(sqlite3 *db, const char *schema, int op) {
  sqlite3_file *f = 0;
  if (sqlite3_file_control(db, schema, op, &f) != SQLITE_OK) return 0;
  return f && f->pMethods ? f : 0;
}
int vx_file_vfs(sqlite3 *db, const char *schema, sqlite3_vfs **vfs) {
  return sqlite3_file_control(db, schema, SQLITE_FCNTL_VFS_POINTER, vfs);
}
const char *vx_vfs_name(sqlite3_vfs *vfs) { return vfs->zName; }
int vx_has_moved(sqlite3 *db, const char *schema, int *moved) {
  return sqlite3_file_control(db, schema, SQLITE_FCNTL_HAS_MOVED, moved);
}
int vx_file_shares_memory(sqlite3_file *f) {
  return f->pMethods->iVersion >= 2 && f->pMethods->xShmMap != 0;
}
int vx_file_read(sqlite3_file *f, void *buf, int n, sqlite3_int64 offset) {
  return f->pMethods->xRead(f, buf, n, offset);
}
int vx_file_size(sqlite3_file *f, sqlite3_int64 *size) { return f->pMethods->xFileSize(f, size); }
/*
** A region of the wal-index. Nothing is added to the file: a region that is not there
** is an error. It stays mapped until the connection closes the file.
*/
static int map_region(sqlite3_file *f, int region, volatile void **page) {
  int rc;
  *page = 0;
  rc = f->pMethods->xShmMap(f, region, VX_WAL_REGION, 0, page);
  if (rc == SQLITE_READONLY && *page) rc = SQLITE_OK; /* mapped, to be read only */
  return rc == SQLITE_OK && *page == 0 ? SQLITE_IOERR_SHMMAP : rc;
}
/*
** The first region of the wal-index is mapped already. A writer that restarts
** the WAL writes the second copy of the header, then the first, and then sets
** nBackfill (at 96) to 0. It is read in the opposite order, so that a 0 never
** comes with the header of before, and a torn header shows. Nor does a header
** come with what a later checkpoint has reached: it passes over pages that have
** a frame of a later commit, so that the file is not that header's. A barrier stands
** between any two of the three reads: it keeps them in this order on a machine
** that would change it too, and a VFS in a test can act there.
*/
int vx_file_wal_index(sqlite3_file *f, unsigned char *start) {
  volatile void *page;
  unsigned backfill;
  int rc = map_region(f, 0, &page);
  if (rc != SQLITE_OK) return rc;
  backfill = __atomic_load_n((unsigned *)((char *)page + 96), __ATOMIC_ACQUIRE);
  memcpy(start + 96, &backfill, 4);
  f->pMethods->xShmBarrier(f);
  memcpy(start, (void *)page, 48);
  f->pMethods->xShmBarrier(f);
  memcpy(start + 48, (char *)page + 48, 48);
  return SQLITE_OK;
}
/*
** Who holds a read mark reads what stands behind it in no particular order: it was
** there before the header, and whoever recovers the wal-index meanwhile writes the same
** again. The barrier keeps it behind the reading of the header.
*/
int vx_file_wal_region(sqlite3_file *f, int region, int offset, void *to, int n) {
  volatile void *page;
  int rc = map_region(f, region, &page);
  if (rc != SQLITE_OK) return rc;
  f->pMethods->xShmBarrier(f);
  memcpy(to, (char *)page + offset, n);
  return SQLITE_OK;
}
