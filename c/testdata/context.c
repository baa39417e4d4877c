/*
** context.c: a step of an aggregate for whose context SQLite has no memory, with
** a table of SQLite's functions that has what this needs.
*/
#include <stdio.h>

#include "../vxsnap.h"

SQLITE_EXTENSION_INIT1

static void (*guarded)(sqlite3_context *, int, sqlite3_value **);
static void *context;

static int create(sqlite3 *db, const char *name, int args, int flags, void *app,
                  void (*func)(sqlite3_context *, int, sqlite3_value **),
                  void (*step)(sqlite3_context *, int, sqlite3_value **),
                  void (*final)(sqlite3_context *), void (*destroy)(void *)) {
  (void)db, (void)name, (void)args, (void)flags, (void)app, (void)func, (void)final, (void)destroy;
  guarded = step;
  return SQLITE_OK;
}
static void *aggregate_context(sqlite3_context *ctx, int n) {
  (void)ctx, (void)n;
  return context;
}
static void no_memory(sqlite3_context *ctx) {
  (void)ctx;
  printf("SQLITE_NOMEM ");
}
static int version(void) { return VX_OLDEST_SQLITE; }

static void go_step(sqlite3_context *ctx, int n, sqlite3_value **v) {
  (void)ctx, (void)n, (void)v;
  printf("Go ");
}
static void go_final(sqlite3_context *ctx) { (void)ctx; }
void vxConnClosed(uintptr_t handle) { (void)handle; }

int __wrap__sqlite3_create_function_v2(sqlite3 *, const char *, int, int, void *,
                                       void (*)(sqlite3_context *, int, sqlite3_value **),
                                       void (*)(sqlite3_context *, int, sqlite3_value **),
                                       void (*)(sqlite3_context *), void (*)(void *));

int main(void) {
  static int memory;
  static sqlite3_api_routines table;
  table.create_function_v2 = create;
  table.aggregate_context = aggregate_context;
  table.result_error_nomem = no_memory;
  table.libversion_number = version;
  sqlite3_api = &table;
  if (vx_guard_install()) return 1;
  __wrap__sqlite3_create_function_v2(0, "aggregate", 1, 0, 0, 0, go_step, go_final, 0);
  guarded(0, 0, 0);
  context = &memory;
  guarded(0, 0, 0);
  return 0;
}
