package vxsnap

import (
	"context"
	"io"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// VerifyOptions are those of Verify.
type VerifyOptions struct {
	// Progress is as in RestoreOptions.
	Progress func(done, total int64)
}

// Verify reads what Save wrote, to its end, and checks every byte against the checksums,
// and each index file link by link. A nil error says that the snapshot is whole; of one that
// is not, the error wraps ErrDamaged and says what is wrong first. Index files wait in
// unlinked temporary files, in SQLITE_TMPDIR, else TMPDIR.
func Verify(ctx context.Context, r io.Reader, opts VerifyOptions) (*snapshot.Info, error) {
	info, err := verify(ctx, r, opts)
	if err != nil {
		return nil, named(ctx, "verify", damage(err))
	}
	return info, nil
}

func verify(ctx context.Context, r io.Reader, opts VerifyOptions) (*snapshot.Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	verifier := snapshot.NewVerifier(vectorlite.Check, nil, ctx.Err)
	defer verifier.Close()
	size, err := rows(ctx, r, opts.Progress, verifier.Add)
	if err != nil {
		return nil, err
	}
	info, err := verifier.Finish()
	if err != nil {
		return nil, err
	}
	info.SavedSize = size
	return info, nil
}
