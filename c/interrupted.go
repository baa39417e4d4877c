package c

// #include "vxsnap.h"
import "C"

import "errors"

// Interrupted reports an interrupt of the statement that db is running. SQLite
// tells it to every statement that is stepped. From 3.41 on there is a cheaper
// question before, which most often ends it: nothing is prepared on the host's
// connection, and no trace or authorizer sees anything. That answer alone would not
// do: an interrupt that came when nothing ran stands until something does, and SQLite
// does not tell what runs; but a statement that is stepped then is not interrupted.
//
// An older SQLite is asked with a statement each time, which takes 1.4 µs where a
// kept one would take 0.1: no difference at one question in 20 ms, and there is
// nothing to finalize before the connection can be closed.
func (db DB) Interrupted() error {
	if C.vx_is_interrupted(db.p) == 0 {
		return nil
	}
	if err := db.Exec("SELECT 1"); errors.Is(err, Interrupt) {
		return err
	}
	return nil
}
