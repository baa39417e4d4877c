// Command vxsnap is the loadable extension: built with -buildmode=c-shared, it
// exports sqlite3_extension_init and sqlite3_vxsnap_init.
package main

// #include <sqlite3ext.h>
//
// extern int sqlite3_extension_init(sqlite3 *, char **, const sqlite3_api_routines *);
//
// // The entry point that SQLite derives from the file name vxsnap.so.
// int sqlite3_vxsnap_init(sqlite3 *db, char **err, const sqlite3_api_routines *api) {
//   return sqlite3_extension_init(db, err, api);
// }
import "C"

import _ "github.com/vxsnap/vxsnap/extension"

func main() {}
