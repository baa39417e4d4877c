package live

import (
	"errors"
	"fmt"
	"time"

	"github.com/vxsnap/vxsnap/c"
)

// leastBusyTimeout is how long we wait for a lock even where the host has not
// asked for any waiting.
const leastBusyTimeout = 5 * time.Second

// busyTimeout is the host's busy timeout, at least leastBusyTimeout.
func (cn *Conn) busyTimeout() (time.Duration, error) {
	ms, err := cn.pragmaInt("busy_timeout")
	if err != nil {
		return 0, err
	}
	return max(leastBusyTimeout, time.Duration(ms)*time.Millisecond), nil
}

// retryEvery is how often a lock is asked for.
const retryEvery = 10 * time.Millisecond

// errWriterWaits says that waiting would be in vain.
var errWriterWaits = errors.New("a writer waits until this connection's read transaction ends")

// await calls try until it gets its locks, at most for the busy timeout, and asks
// in between whether to go on: SQLite's own waiting does not. Nobody is waited for
// who waits for us. A statement that uses one of our tables is in a read
// transaction of main, because SQLite takes the table to be in main; where the
// caller is in one, whoever keeps another one from beginning waits for the end of
// the caller's.
func (cn *Conn) await(schema string, try func() error) error {
	timeout, err := cn.busyTimeout()
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(timeout); ; time.Sleep(retryEvery) {
		err := try()
		if !errors.Is(err, c.Busy) && !errors.Is(err, c.Locked) {
			return err
		}
		if interrupt := cn.Interrupted(); interrupt != nil {
			return interrupt
		}
		if cn.db.TxnState(schema) != c.TxnNone {
			return fmt.Errorf("%w: %w", errWriterWaits, err)
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}

// awaitOwn is await for locks of the caller's connection, on which SQLite does not
// wait meanwhile. A busy handler of the host's stays: it cannot be put back.
func (cn *Conn) awaitOwn(schema string, try func() error) error {
	ms, err := cn.pragmaInt("busy_timeout")
	if err != nil {
		return err
	}
	return cn.await(schema, func() error {
		if ms > 0 {
			cn.db.SetBusyTimeout(0)
			defer cn.db.SetBusyTimeout(int(ms))
		}
		return try()
	})
}
