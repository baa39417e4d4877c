package extension

import (
	"errors"
	"io"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// vx_snapshot_tar(chunk_size, schema, index_files, compression)
func (cn *surface) tar() *tableFunction {
	return &tableFunction{
		name: "vx_snapshot_tar",
		declare: `CREATE TABLE x(seq INTEGER, data BLOB,
			chunk_size HIDDEN, schema HIDDEN, index_files HIDDEN, compression HIDDEN)`,
		columns: 2,
		params:  4,
		open:    func() rows { return &tarRows{cn: cn} },
	}
}

type tarRows struct {
	cn     *surface
	export *live.Export
	pieces *snapshot.Pieces
	seq    int64
	data   []byte

	exportArgs
}

func (r *tarRows) start(args []*sqlite.Value, _ func(int) bool) (err error) {
	r.close()
	if r.exportArgs, err = r.cn.exportArgs(args); err != nil {
		return err
	}
	opt := live.ExportOptions{IndexFiles: r.indexFiles}
	if r.compression != "" {
		opt.Compress = snapshot.CompressBlocks
	}
	if r.export, err = r.cn.Export(r.schema, opt); err != nil {
		return err
	}
	r.seq, r.pieces = -1, r.export.Pieces(r.chunkSize)
	return nil
}

func (r *tarRows) next() (bool, error) {
	data, err := r.pieces.Next(-1)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, busyIfChanged(err)
	}
	r.data = data
	r.seq++
	return len(data) > 0, nil
}

func (r *tarRows) rowid() int64 { return r.seq }

func (r *tarRows) column(ctx *sqlite.Context, i int) error {
	switch i {
	case 0:
		ctx.ResultInt64(r.seq)
	case 1:
		c.ResultChunk(ctx, r.data)
	default:
		r.result(ctx, i-2, r.export.IndexFiles())
	}
	return nil
}

func (r *tarRows) close() {
	if r.pieces != nil {
		r.pieces.Drop()
		r.pieces = nil
	}
	if r.export != nil {
		r.export.Close()
		r.export = nil
	}
}
