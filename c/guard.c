/*
** guard.c: what registration through go.riyazali.net/sqlite cannot say.
**
** HOW IT WORKS
**
** The package registers functions and modules, enters its Go callbacks and asks
** for memory through C functions of its own, such as _sqlite3_create_module_v2.
** The linker lets calls of those that are named in guard.go come to __wrap_… here
** instead. They add SQLITE_DIRECTONLY and put a C function in front of each Go
** callback. That function
**
**   refuses to enter Go in a child of fork(), where it may hang for ever (fork.c);
**
**   has the memory that the package takes for granted (memory.c) before it
**   enters Go, and gives SQLite the text of an error afterwards.
**
** All functions registered through the package share one set of callbacks, and
** all modules another; so the originals are remembered once.
*/
#include <errno.h>

#include "vxsnap.h"

SQLITE_EXTENSION_INIT3

const char vx_forked_message[] =
    "vxsnap was loaded before fork(): load it in the child only, or start the child with exec (in Python, multiprocessing's spawn)";

static const sqlite3_api_routines *host; /* the table of the SQLite that we serve */

static struct {
  void (*func)(sqlite3_context *, int, sqlite3_value **);
  void (*step)(sqlite3_context *, int, sqlite3_value **);
  void (*final)(sqlite3_context *);
  void (*free_func)(void *);
  void (*free_module)(void *);
  sqlite3_module module;
} go;

/* Functions. */

static void refuse(sqlite3_context *ctx) {
  sqlite3_result_error(ctx, vx_forked_message, -1);
  sqlite3_result_error_code(ctx, SQLITE_MISUSE);
}
static void guard_func(sqlite3_context *ctx, int n, sqlite3_value **v) {
  if (vx_forked()) refuse(ctx);
  else go.func(ctx, n, v);
}
/* Go knows a run by the address of its context. NULL would be one run for all. */
static void guard_step(sqlite3_context *ctx, int n, sqlite3_value **v) {
  if (vx_forked()) refuse(ctx);
  else if (!sqlite3_aggregate_context(ctx, 1)) sqlite3_result_error_nomem(ctx);
  else go.step(ctx, n, v);
}
static void guard_final(sqlite3_context *ctx) {
  if (vx_forked()) refuse(ctx);
  else go.final(ctx);
}
static void guard_free_func(void *p) { if (!vx_forked()) go.free_func(p); }

int __wrap__sqlite3_create_function_v2(sqlite3 *db, const char *name, int args, int flags, void *app,
                                       void (*func)(sqlite3_context *, int, sqlite3_value **),
                                       void (*step)(sqlite3_context *, int, sqlite3_value **),
                                       void (*final)(sqlite3_context *), void (*destroy)(void *)) {
  if (func) go.func = func;
  if (step) go.step = step;
  if (final) go.final = final;
  go.free_func = destroy;
  return sqlite3_create_function_v2(db, name, args, flags | SQLITE_DIRECTONLY, app,
                                    func ? guard_func : 0, step ? guard_step : 0,
                                    final ? guard_final : 0, guard_free_func);
}

/* Tables. After fork() the frees are skipped too: the child owns no Go memory. */

static int refuse_table(sqlite3_vtab *table) {
  sqlite3_free(table->zErrMsg);
  table->zErrMsg = sqlite3_mprintf("%s", vx_forked_message);
  return SQLITE_MISUSE;
}
/* What Go said goes with the code that it returned; errno as in vx_result_error. */
static int said(sqlite3_vtab *table, int rc) {
  if (rc == SQLITE_OK) return rc;
  errno = 0;
  sqlite3_free(table->zErrMsg);
  table->zErrMsg = vx_said();
  return rc;
}
static int guard_connect(sqlite3 *db, void *app, int argc, const char *const *argv,
                         sqlite3_vtab **out, char **err) {
  int rc;
  if (vx_forked()) {
    *err = sqlite3_mprintf("%s", vx_forked_message);
    return SQLITE_MISUSE;
  }
  if ((rc = vx_reserve()) != SQLITE_OK) return rc;
  rc = go.module.xConnect(db, app, argc, argv, out, err);
  vx_unreserve();
  if (rc == SQLITE_OK) return sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  *err = vx_said();
  return rc;
}
static int guard_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
  int rc;
  if (vx_forked()) return refuse_table(table);
  if ((rc = vx_reserve()) != SQLITE_OK) return rc;
  rc = said(table, go.module.xBestIndex(table, info));
  vx_unreserve();
  return rc;
}
static int guard_disconnect(sqlite3_vtab *table) {
  return vx_forked() ? SQLITE_OK : go.module.xDisconnect(table);
}
static int guard_destroy(sqlite3_vtab *table) {
  return vx_forked() ? SQLITE_OK : go.module.xDestroy(table);
}
static int guard_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
  int rc;
  if (vx_forked()) return refuse_table(table);
  if ((rc = vx_reserve()) != SQLITE_OK) return rc;
  rc = said(table, go.module.xOpen(table, out));
  vx_unreserve();
  return rc;
}
static int guard_close(sqlite3_vtab_cursor *cursor) {
  if (vx_forked()) return SQLITE_OK;
  go.module.xClose(cursor);
  sqlite3_free(vx_said()); /* SQLite asks for no error here */
  return SQLITE_OK;
}
static int guard_filter(sqlite3_vtab_cursor *cursor, int num, const char *str, int argc, sqlite3_value **argv) {
  return vx_forked() ? refuse_table(cursor->pVtab) : said(cursor->pVtab, go.module.xFilter(cursor, num, str, argc, argv));
}
static int guard_next(sqlite3_vtab_cursor *cursor) {
  return vx_forked() ? refuse_table(cursor->pVtab) : said(cursor->pVtab, go.module.xNext(cursor));
}
/* Not at the end in a child: the next call then gives the error. */
static int guard_eof(sqlite3_vtab_cursor *cursor) {
  return vx_forked() ? 0 : go.module.xEof(cursor);
}
static int guard_column(sqlite3_vtab_cursor *cursor, sqlite3_context *ctx, int i) {
  if (!vx_forked()) return go.module.xColumn(cursor, ctx, i);
  refuse(ctx);
  return SQLITE_OK;
}
static int guard_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *id) {
  return vx_forked() ? refuse_table(cursor->pVtab) : said(cursor->pVtab, go.module.xRowid(cursor, id));
}
static void guard_free_module(void *p) { if (!vx_forked()) go.free_module(p); }

int __wrap__sqlite3_create_module_v2(sqlite3 *db, const char *name, const sqlite3_module *module, void *app,
                                     void (*destroy)(void *)) {
  static const sqlite3_module guard = {
      .xConnect = guard_connect, .xBestIndex = guard_best_index,
      .xDisconnect = guard_disconnect, .xDestroy = guard_destroy,
      .xOpen = guard_open, .xClose = guard_close, .xFilter = guard_filter,
      .xNext = guard_next, .xEof = guard_eof, .xColumn = guard_column, .xRowid = guard_rowid};
  go.module = *module;
  go.free_module = destroy;
  sqlite3_free((void *)module); /* the package allocates one per registration */
  return sqlite3_create_module_v2(db, name, &guard, app, guard_free_module);
}

/*
** SQLite calls the destructor of a function when the connection ends. The
** function itself is of no use; it says which connections vxsnap knows.
*/
static void known(sqlite3_context *ctx, int n, sqlite3_value **v) {
  (void)n, (void)v;
  sqlite3_result_int(ctx, 1);
}
static void conn_closed(void *handle) {
  if (!vx_forked()) vxConnClosed((uintptr_t)handle);
}
int vx_on_close(sqlite3 *db, uintptr_t handle) {
  return sqlite3_create_function_v2(db, "vx_snapshot_known", 0, SQLITE_UTF8 | SQLITE_DIRECTONLY, (void *)handle,
                                    known, 0, 0, conn_closed);
}

/*
** Whoever loads the extension lets sqlite3_api point to his table of SQLite's
** functions, which is the same one for every connection of one SQLite.
*/
int vx_guard_install(void) {
  const sqlite3_api_routines *api = sqlite3_api;
  if (host == 0) {
    if (api->libversion_number() < VX_OLDEST_SQLITE) return SQLITE_ERROR;
    vx_fork_watch();
    host = api;
  }
  sqlite3_api = host;
  return api == host ? SQLITE_OK : SQLITE_MISUSE;
}
