package extension

import (
	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
)

// vx_snapshot_manifest(seq, file_name, offset, data, is_last, metadata_json)
func (cn *surface) manifest() *aggregate {
	return &aggregate{"vx_snapshot_manifest", len(rowColumns), func() accumulator {
		return &manifestRun{cn, snapshot.NewManifestMaker(cn.fs, cn.Interrupted), snapshot.Row{}, c.Values{}, nil}
	}}
}

type manifestRun struct {
	cn     *surface
	maker  *snapshot.ManifestMaker
	row    snapshot.Row
	values c.Values
	err    error
}

func (r *manifestRun) step(args []sqlite.Value) error {
	if r.err == nil {
		r.values.Read(args)
		if r.err = decodeRow(&r.row, &r.values, args, 0); r.err == nil {
			r.err = r.maker.Add(&r.row)
		}
	}
	return r.err
}

func (r *manifestRun) final(ctx *sqlite.Context) error {
	if r.err != nil {
		return r.err
	}
	manifest, err := r.maker.Manifest()
	if err != nil {
		return err
	}
	return r.cn.resultManifest(ctx, manifest)
}

func (r *manifestRun) close() { r.maker.Close() }

// vx_snapshot_manifest(directory, chunk_size)
func (cn *surface) manifestOf(args int) *scalar {
	return &scalar{"vx_snapshot_manifest", args, func(ctx *sqlite.Context, args []sqlite.Value) error {
		if args[0].Type() != sqlite.SQLITE_TEXT {
			return usage("directory must be TEXT, got %s", literal(args[0]))
		}
		directory, err := c.Text(args[0])
		if err != nil {
			return err
		}
		size := int64(snapshot.DefaultChunkSize)
		if len(args) > 1 {
			if size, err = chunkSize(&args[1]); err != nil {
				return err
			}
		}
		manifest, err := cn.ManifestOfDirectory(directory, size)
		if err != nil {
			return err
		}
		return cn.resultManifest(ctx, manifest)
	}}
}

func (cn *surface) resultManifest(ctx *sqlite.Context, manifest []byte) error {
	if n, most := int64(len(manifest)), cn.MaxLength(); n > most {
		return usage("the manifest has %d bytes, more than the %d of this connection's SQLITE_LIMIT_LENGTH; use a larger chunk_size", n, most)
	}
	c.ResultBlob(ctx, manifest)
	return nil
}
