package extension

import (
	"errors"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// vx_snapshot_verify(seq, file_name, offset, data, is_last, metadata_json, base_directory)
func (cn *surface) verify(more int) *aggregate {
	return &aggregate{"vx_snapshot_verify", len(rowColumns) + more, func() accumulator {
		return &verifyRun{Verifier: snapshot.NewVerifier(vectorlite.Check, cn.fs, cn.Interrupted)}
	}}
}

type verifyRun struct {
	*snapshot.Verifier
	row    snapshot.Row
	values c.Values
	base   baseArg
}

func (r *verifyRun) step(args []sqlite.Value) error {
	r.values.Read(args)
	if len(args) > len(rowColumns) {
		first, err := r.base.read(&r.values, args, len(rowColumns))
		if err != nil {
			return err
		}
		if first && r.base.text != "" {
			r.With(r.base)
		}
	}
	switch err := decodeRow(&r.row, &r.values, args, 0); {
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
