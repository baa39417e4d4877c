/*
** keyed.c: a VFS named "keyed" for a test. It keeps a database file scrambled
** for connections that were opened with the URI parameter key, and gives others
** the scrambled bytes: a database that is encrypted for the caller only.
*/
#include <sqlite3ext.h>
#include <string.h>
SQLITE_EXTENSION_INIT1

typedef struct {
  sqlite3_file base;
  int scramble;        /* 1: this file is scrambled for everybody else */
  sqlite3_file *real;  /* lies behind this struct */
} keyed_file;

static sqlite3_vfs *root;
#define REAL(f) (((keyed_file *)(f))->real)

static void scramble(keyed_file *f, void *to, const void *from, int n) {
  for (int i = 0; i < n; i++) ((char *)to)[i] = ((const char *)from)[i] ^ (f->scramble ? 0x5a : 0);
}
static int k_close(sqlite3_file *f) { return REAL(f)->pMethods->xClose(REAL(f)); }
static int k_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at) {
  int rc = REAL(f)->pMethods->xRead(REAL(f), p, n, at);
  if (rc == SQLITE_OK) scramble((keyed_file *)f, p, p, n);
  return rc;
}
static int k_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at) {
  char copy[65536];
  scramble((keyed_file *)f, copy, p, n);
  return REAL(f)->pMethods->xWrite(REAL(f), copy, n, at);
}
static int k_truncate(sqlite3_file *f, sqlite3_int64 n) { return REAL(f)->pMethods->xTruncate(REAL(f), n); }
static int k_sync(sqlite3_file *f, int how) { return REAL(f)->pMethods->xSync(REAL(f), how); }
static int k_size(sqlite3_file *f, sqlite3_int64 *n) { return REAL(f)->pMethods->xFileSize(REAL(f), n); }
static int k_lock(sqlite3_file *f, int how) { return REAL(f)->pMethods->xLock(REAL(f), how); }
static int k_unlock(sqlite3_file *f, int how) { return REAL(f)->pMethods->xUnlock(REAL(f), how); }
static int k_reserved(sqlite3_file *f, int *out) { return REAL(f)->pMethods->xCheckReservedLock(REAL(f), out); }
static int k_control(sqlite3_file *f, int op, void *arg) { return REAL(f)->pMethods->xFileControl(REAL(f), op, arg); }
static int k_sector(sqlite3_file *f) { return REAL(f)->pMethods->xSectorSize(REAL(f)); }
static int k_device(sqlite3_file *f) { return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f)); }
static int k_map(sqlite3_file *f, int i, int n, int extend, void volatile **p) { return REAL(f)->pMethods->xShmMap(REAL(f), i, n, extend, p); }
static int k_shm_lock(sqlite3_file *f, int at, int n, int how) { return REAL(f)->pMethods->xShmLock(REAL(f), at, n, how); }
static void k_barrier(sqlite3_file *f) { REAL(f)->pMethods->xShmBarrier(REAL(f)); }
static int k_unmap(sqlite3_file *f, int gone) { return REAL(f)->pMethods->xShmUnmap(REAL(f), gone); }

static const sqlite3_io_methods methods = {
    2, k_close, k_read, k_write, k_truncate, k_sync, k_size, k_lock, k_unlock, k_reserved,
    k_control, k_sector, k_device, k_map, k_shm_lock, k_barrier, k_unmap, 0, 0};

static int k_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out) {
  keyed_file *k = (keyed_file *)f;
  int rc;
  (void)vfs;
  memset(k, 0, sizeof *k);
  k->real = (sqlite3_file *)&k[1];
  k->scramble = (flags & SQLITE_OPEN_MAIN_DB) && sqlite3_uri_parameter(name, "key") != 0;
  rc = root->xOpen(root, name, k->real, flags, out);
  if (rc == SQLITE_OK) k->base.pMethods = &methods;
  return rc;
}

int sqlite3_keyed_init(sqlite3 *db, char **err, const sqlite3_api_routines *api) {
  static sqlite3_vfs vfs;
  (void)db, (void)err;
  SQLITE_EXTENSION_INIT2(api);
  root = sqlite3_vfs_find(0);
  vfs = *root;
  vfs.zName = "keyed";
  vfs.szOsFile = sizeof(keyed_file) + root->szOsFile;
  vfs.xOpen = k_open;
  vfs.pNext = 0;
  sqlite3_vfs_register(&vfs, 0);
  return SQLITE_OK_LOAD_PERMANENTLY;
}
