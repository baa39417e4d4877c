package live

import (
	"fmt"
	"time"

	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// interruptEvery is how often SQLite is asked; most of the 200 ms in which an
// interrupt must end the work is left to cleaning up.
const interruptEvery = 20 * time.Millisecond

// Interrupted returns SQLITE_INTERRUPT if the host has interrupted the
// statement that is running, the error of a context that is done, and an error if the
// connection is closed.
func (cn *Conn) Interrupted() error {
	if err := cn.open(); err != nil {
		return err
	}
	if cn.ctx != nil && cn.ctx.Err() != nil {
		return cn.ctx.Err()
	}
	if time.Since(cn.asked) < interruptEvery {
		return nil
	}
	cn.asked = time.Now()
	return cn.db.Interrupted()
}

// InterruptedNow is Interrupted where a false answer would be one for good.
func (cn *Conn) InterruptedNow() error {
	cn.asked = time.Time{}
	return cn.Interrupted()
}

// hasModule reports whether a virtual table module of this name is registered.
// The statement is a plain PRAGMA: a table called pragma_module_list would
// shadow the function of that name. A SQLite that has no such pragma gives
// no column; then the module may be there.
func (cn *Conn) hasModule(name string) (bool, error) { return cn.listed("PRAGMA module_list", name) }

func (cn *Conn) listed(pragma, name string) (found bool, err error) {
	s, err := cn.db.Prepare(pragma)
	if err != nil {
		return false, fmt.Errorf("list the modules of the connection: %w", err)
	}
	defer s.Close()
	if s.Columns() == 0 {
		return true, nil
	}
	for {
		row, err := s.Step()
		if err != nil || !row {
			return found, err
		}
		found = found || vectorlite.FoldName(s.Text(0)) == name
	}
}
