package c

// #include "vxsnap.h"
import "C"

import (
	"errors"
	"fmt"
	"sync"
)

// registration serialises the use of the global table of SQLite's functions.
var registration sync.Mutex

// Register runs each of the given registrations so that what they register is
// SQLITE_DIRECTONLY and refuses to work in a forked child.
//
// Another thread that loads the extension at this moment points the global
// table back to the host's; a registration that so slipped past the guard is
// repeated, which replaces what it registered.
func Register(registrations ...func() error) error {
	registration.Lock()
	defer registration.Unlock()
	for _, register := range registrations {
		for before := C.vx_guard_count(); before == C.vx_guard_count(); {
			if err := guard(); err != nil {
				return err
			}
			if err := register(); err != nil {
				return err
			}
		}
	}
	return nil
}

// install puts the guard in front of the table of SQLite's functions.
func install() error {
	registration.Lock()
	defer registration.Unlock()
	return guard()
}

func guard() error {
	switch C.vx_guard_install() {
	case C.SQLITE_ERROR:
		n := Version()
		return fmt.Errorf("needs SQLite 3.35 or newer, this is %d.%d.%d", n/1000000, n/1000%1000, n%1000)
	case C.SQLITE_MISUSE:
		return errors.New("already loaded into another copy of SQLite in this process")
	}
	return nil
}
