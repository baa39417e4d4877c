/*
** steps.c: a VFS named "steps" that runs one script between two calls.
**
** Every method goes to the default VFS. The calls of connections that were
** opened with vfs=steps are counted: each method is a step before it is called,
** and those of the shared memory (xShmMap, xShmLock, xShmBarrier) are another
** one after, because their caller reads that memory before it calls again. Not
** counted are xClose, xShmUnmap, xFileControl, and files that have no name.
**
** Another VFS, "steps_control", is for the connection on which the script runs:
** it counts nothing, and its disk can be full.
**
** These functions are on each connection that loads this library:
**
**   steps_arm(n, script)  count from 1; before step n run the script, once, on
**                         the connection that called this one. n = 0: count only
**   steps_count()         steps so far
**   steps_place()         which step the script ran at; NULL: it has not run yet
**   steps_result()        'ok', or the error that ended the script
**   steps_record()        keep the pages as this connection sees them
**   steps_recorded(i)     the i-th pages that were kept since steps_arm, from 1;
**                         NULL: not so many
**   steps_keep()          keep the first copy of the header of the wal-index
**   steps_tear()          put it back: a writer died between the two copies
**   steps_full()          the disk of steps_control is full until the script ends
**
** No lock of a VFS is held while a script runs;
** the connection that is interrupted is in the midst of its call. One thread at
** a time, as the test is.
*/
#include <sqlite3ext.h>
#include <string.h>
SQLITE_EXTENSION_INIT1

typedef struct {
  sqlite3_file base;
  const char *kind;    /* what steps_place calls it; 0: not counted */
  sqlite3_file *real;  /* lies behind this struct */
} steps_file;

static sqlite3_vfs *root, counting, control;
static sqlite3 *armed;       /* runs the script */
static sqlite3_int64 target; /* before this step */
static sqlite3_int64 count;
static char *script, *place, *result;

enum { most = 16, header = 48 };
static struct { unsigned char *bytes; sqlite3_int64 n; } record[most];
static int records;
static unsigned char kept[header];
static int full;

static void run(const char *kind, const char *method, const char *when) {
  char *message = 0;
  place = sqlite3_mprintf("step %lld, %s %s of the %s", count, when, method, kind);
  if (sqlite3_exec(armed, script, 0, 0, &message) != SQLITE_OK) {
    result = sqlite3_mprintf("%s", message ? message : "no message");
    if (!sqlite3_get_autocommit(armed)) sqlite3_exec(armed, "ROLLBACK", 0, 0, 0);
  } else {
    result = sqlite3_mprintf("ok");
  }
  full = 0;
  sqlite3_free(message);
}
static void step(const char *kind, const char *method, const char *when) {
  if (kind && ++count == target) run(kind, method, when);
}

/* The methods of a file. */
#define REAL(f) (((steps_file *)(f))->real)
#define BEFORE(f, method) step(((steps_file *)(f))->kind, method, "before")
#define AFTER(f, method) step(((steps_file *)(f))->kind, method, "after")
#define PASS(f, method, ...) return BEFORE(f, #method), REAL(f)->pMethods->method(REAL(f), __VA_ARGS__)

static int s_close(sqlite3_file *f) { return REAL(f)->pMethods->xClose(REAL(f)); }
static int s_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at) { PASS(f, xRead, p, n, at); }
static int s_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at) {
  if (full && !((steps_file *)f)->kind) return SQLITE_FULL;
  PASS(f, xWrite, p, n, at);
}
static int s_truncate(sqlite3_file *f, sqlite3_int64 n) { PASS(f, xTruncate, n); }
static int s_sync(sqlite3_file *f, int how) { PASS(f, xSync, how); }
static int s_size(sqlite3_file *f, sqlite3_int64 *n) { PASS(f, xFileSize, n); }
static int s_lock(sqlite3_file *f, int how) { PASS(f, xLock, how); }
static int s_unlock(sqlite3_file *f, int how) { PASS(f, xUnlock, how); }
static int s_reserved(sqlite3_file *f, int *out) { PASS(f, xCheckReservedLock, out); }
static int s_control(sqlite3_file *f, int op, void *arg) { return REAL(f)->pMethods->xFileControl(REAL(f), op, arg); }
static int s_sector(sqlite3_file *f) { return REAL(f)->pMethods->xSectorSize(REAL(f)); }
static int s_device(sqlite3_file *f) { return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f)); }
static int s_map(sqlite3_file *f, int i, int n, int extend, void volatile **p) {
  int rc;
  BEFORE(f, "xShmMap");
  rc = REAL(f)->pMethods->xShmMap(REAL(f), i, n, extend, p);
  AFTER(f, "xShmMap");
  return rc;
}
static int s_shm_lock(sqlite3_file *f, int at, int n, int how) {
  int rc;
  BEFORE(f, "xShmLock");
  rc = REAL(f)->pMethods->xShmLock(REAL(f), at, n, how);
  AFTER(f, "xShmLock");
  return rc;
}
static void s_barrier(sqlite3_file *f) {
  BEFORE(f, "xShmBarrier");
  REAL(f)->pMethods->xShmBarrier(REAL(f));
  AFTER(f, "xShmBarrier");
}
static int s_unmap(sqlite3_file *f, int gone) { return REAL(f)->pMethods->xShmUnmap(REAL(f), gone); }

static const sqlite3_io_methods methods = {
    2, s_close, s_read, s_write, s_truncate, s_sync, s_size, s_lock, s_unlock, s_reserved,
    s_control, s_sector, s_device, s_map, s_shm_lock, s_barrier, s_unmap, 0, 0};

/* The methods of the VFS. */
static int s_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out) {
  steps_file *s = (steps_file *)f;
  int rc;
  memset(s, 0, sizeof *s);
  s->real = (sqlite3_file *)&s[1];
  s->kind = !name || vfs == &control ? 0 : flags & SQLITE_OPEN_MAIN_DB ? "database" : flags & SQLITE_OPEN_WAL ? "WAL" : "journal";
  step(s->kind, "xOpen", "before");
  rc = root->xOpen(root, name, s->real, flags, out);
  if (s->real->pMethods) s->base.pMethods = &methods;
  return rc;
}
static int s_delete(sqlite3_vfs *vfs, const char *name, int sync) {
  (void)vfs;
  step("journal", "xDelete", "before");
  return root->xDelete(root, name, sync);
}
static int s_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
  (void)vfs;
  step("journal", "xAccess", "before");
  return root->xAccess(root, name, flags, out);
}

/* The functions. */
static void text(sqlite3_context *ctx, const char *z) { sqlite3_result_text(ctx, z, -1, SQLITE_TRANSIENT); }

static void arm(sqlite3_context *ctx, int n, sqlite3_value **v) {
  (void)n;
  while (records > 0) sqlite3_free(record[--records].bytes);
  sqlite3_free(script), sqlite3_free(place), sqlite3_free(result);
  place = result = 0;
  script = sqlite3_mprintf("%s", sqlite3_value_text(v[1]));
  target = sqlite3_value_int64(v[0]);
  armed = sqlite3_context_db_handle(ctx);
  count = 0;
}
static void ask_count(sqlite3_context *ctx, int n, sqlite3_value **v) { (void)n, (void)v, sqlite3_result_int64(ctx, count); }
static void ask_place(sqlite3_context *ctx, int n, sqlite3_value **v) { (void)n, (void)v, text(ctx, place); }
static void ask_result(sqlite3_context *ctx, int n, sqlite3_value **v) { (void)n, (void)v, text(ctx, result); }

static void keep_pages(sqlite3_context *ctx, int n, sqlite3_value **v) {
  (void)n, (void)v;
  if (records == most) {
    sqlite3_result_error(ctx, "steps_record: too many", -1);
    return;
  }
  record[records].bytes = sqlite3_serialize(sqlite3_context_db_handle(ctx), "main", &record[records].n, 0);
  if (record[records].bytes) records++;
  else sqlite3_result_error(ctx, "steps_record: no pages", -1);
}
static void ask_recorded(sqlite3_context *ctx, int n, sqlite3_value **v) {
  int i = sqlite3_value_int(v[0]) - 1;
  (void)n;
  if (i >= 0 && i < records) sqlite3_result_blob64(ctx, record[i].bytes, record[i].n, SQLITE_TRANSIENT);
}
static void fill(sqlite3_context *ctx, int n, sqlite3_value **v) { (void)ctx, (void)n, (void)v, full = 1; }
static void *wal_index(sqlite3_context *ctx) {
  sqlite3_file *f = 0;
  void volatile *p = 0;
  sqlite3_file_control(sqlite3_context_db_handle(ctx), "main", SQLITE_FCNTL_FILE_POINTER, &f);
  if (!f || f->pMethods->xShmMap(f, 0, 32768, 0, &p) != SQLITE_OK || !p) {
    sqlite3_result_error(ctx, "no wal-index", -1);
    return 0;
  }
  return (void *)p;
}
static void keep_header(sqlite3_context *ctx, int n, sqlite3_value **v) {
  void *p = wal_index(ctx);
  (void)n, (void)v;
  if (p) memcpy(kept, p, header);
}
static void tear_header(sqlite3_context *ctx, int n, sqlite3_value **v) {
  void *p = wal_index(ctx);
  (void)n, (void)v;
  if (p) memcpy(p, kept, header);
}

int sqlite3_steps_init(sqlite3 *db, char **err, const sqlite3_api_routines *api) {
  static const struct { const char *name; int n; void (*f)(sqlite3_context *, int, sqlite3_value **); } all[] = {
      {"steps_arm", 2, arm}, {"steps_count", 0, ask_count}, {"steps_place", 0, ask_place},
      {"steps_result", 0, ask_result}, {"steps_record", 0, keep_pages}, {"steps_recorded", 1, ask_recorded},
      {"steps_keep", 0, keep_header}, {"steps_tear", 0, tear_header}, {"steps_full", 0, fill}};
  (void)err;
  SQLITE_EXTENSION_INIT2(api);
  if (!root) {
    root = sqlite3_vfs_find(0);
    counting = control = *root;
    counting.zName = "steps";
    counting.xDelete = s_delete;
    counting.xAccess = s_access;
    control.zName = "steps_control";
    counting.xOpen = control.xOpen = s_open;
    counting.szOsFile = control.szOsFile = sizeof(steps_file) + root->szOsFile;
    counting.pNext = control.pNext = 0;
    sqlite3_vfs_register(&counting, 0);
    sqlite3_vfs_register(&control, 0);
  }
  for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
    int rc = sqlite3_create_function_v2(db, all[i].name, all[i].n, SQLITE_UTF8, 0, all[i].f, 0, 0, 0);
    if (rc != SQLITE_OK) return rc;
  }
  return SQLITE_OK_LOAD_PERMANENTLY;
}
