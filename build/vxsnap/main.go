// Command vxsnap is the loadable extension: built with -buildmode=c-shared, it
// exports sqlite3_extension_init and sqlite3_vxsnap_init. The linker lets the
// start of the Go runtime wait for the first load: read start.c next.
package main

// #cgo LDFLAGS: -Wl,-wrap=x_cgo_sys_thread_create
import "C"

import _ "github.com/vxsnap/vxsnap/extension"

func main() {}

// vxStarted returns when every package is ready, as any call of Go does.
//
//export vxStarted
func vxStarted() {}
