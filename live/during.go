package live

import (
	"context"
	"errors"

	"github.com/vxsnap/vxsnap/c"
)

// During runs work, which uses the connection, and lets the end of ctx end what the
// methods of Conn, and its Exports, do meanwhile: their error is then that of ctx. What
// is under way in one call of SQLite, or in a vectorlite that writes, ends first. Work
// is not run if ctx is done already.
func (cn *Conn) During(ctx context.Context, work func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	before := cn.ctx
	cn.ctx = ctx
	defer func() { cn.ctx = before }()
	return work()
}

// toldToEnd reports whether an error is that of somebody who wants an end, and not of
// what was tried.
func (cn *Conn) toldToEnd(err error) bool {
	if err == nil || errors.Is(err, c.Interrupt) {
		return err != nil
	}
	return cn.ctx != nil && cn.ctx.Err() != nil && errors.Is(err, cn.ctx.Err())
}
