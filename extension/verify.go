package extension

import (
	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
)

// vx_snapshot_verify(seq, file_name, offset, data, is_last, metadata_json)
func (cn *connection) verify() *aggregate {
	return &aggregate{"vx_snapshot_verify", len(rowColumns), func() accumulator {
		return &verifyRun{Verifier: snapshot.NewVerifier(cn.fs, cn.interrupted)}
	}}
}

type verifyRun struct {
	*snapshot.Verifier
	row snapshot.Row
}

func (r *verifyRun) step(args []sqlite.Value) error {
	if err := decodeRow(&r.row, args); err != nil {
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
