package extension

import (
	"errors"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// vx_snapshot_verify(seq, file_name, offset, data, is_last, metadata_json)
func (cn *surface) verify() *aggregate {
	return &aggregate{"vx_snapshot_verify", len(rowColumns), func() accumulator {
		return &verifyRun{Verifier: snapshot.NewVerifier(vectorlite.Check, cn.fs, cn.Interrupted)}
	}}
}

type verifyRun struct {
	*snapshot.Verifier
	row    snapshot.Row
	values c.Values
}

func (r *verifyRun) step(args []sqlite.Value) error {
	r.values.Read(args)
	switch err := decodeRow(&r.row, &r.values, args); {
	case errors.Is(err, c.NoMemory):
		return err
	case err != nil:
		r.Fail(err)
		return nil
	}
	return r.Add(&r.row)
}

func (r *verifyRun) final(ctx *sqlite.Context) error {
	result, err := r.Result()
	if err != nil {
		return err
	}
	c.ResultText(ctx, result)
	return nil
}

func (r *verifyRun) close() { r.Close() }
