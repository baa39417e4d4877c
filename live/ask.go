package live

import (
	"fmt"
	"time"
)

// interruptEvery is how often SQLite is asked; most of the 200 ms in which an
// interrupt must end the work is left to cleaning up.
const interruptEvery = 20 * time.Millisecond

// Interrupted returns SQLITE_INTERRUPT if the host has interrupted the
// statement that is running.
func (cn *Conn) Interrupted() error {
	if time.Since(cn.asked) < interruptEvery {
		return nil
	}
	cn.asked = time.Now()
	return cn.db.Interrupted()
}

// leastBusyTimeout is how long we wait for a lock even where the host has not
// asked for any waiting.
const leastBusyTimeout = 5 * time.Second

// busyTimeout is the host's busy timeout, at least leastBusyTimeout.
func (cn *Conn) busyTimeout() (time.Duration, error) {
	ms, err := cn.db.Int64("PRAGMA busy_timeout")
	if err != nil {
		return 0, fmt.Errorf("read busy_timeout: %w", err)
	}
	return max(leastBusyTimeout, time.Duration(ms)*time.Millisecond), nil
}

// hasModule reports whether a virtual table module of this name is registered.
func (cn *Conn) hasModule(name string) (bool, error) {
	s, err := cn.db.Prepare("SELECT 1 FROM pragma_module_list WHERE name = ?1")
	if err != nil {
		return false, fmt.Errorf("list the modules of the connection: %w", err)
	}
	defer s.Close()
	if err := s.BindText(1, name); err != nil {
		return false, err
	}
	return s.Step()
}
