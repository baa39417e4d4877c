package extension

import (
	"errors"
	"fmt"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// vx_snapshot_chunks(chunk_size, schema, index_files, compression, base)
func (cn *surface) chunks() *tableFunction {
	return &tableFunction{
		name: "vx_snapshot_chunks",
		declare: `CREATE TABLE x(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT,
			chunk_size HIDDEN, schema HIDDEN, index_files HIDDEN, compression HIDDEN, base HIDDEN, checksum BLOB HIDDEN, manifest BLOB HIDDEN)`,
		columns: 6,
		params:  5,
		hidden:  2,
		open:    func() rows { return &chunkRows{cn: cn} },
	}
}

var errNoDigest = errors.New("this row has no checksum")

// Columns in declare.
const (
	columnBase     = 10
	columnChecksum = 11
	columnManifest = 12
)

type chunkRows struct {
	cn     *surface
	export *live.Export

	row *snapshot.Row

	exportArgs
	base     *c.Block // nil if it is not given, and at the end row unless somebody wants it
	wantBase bool
}

func (r *chunkRows) start(args []*sqlite.Value, used func(column int) bool) (err error) {
	r.close()
	r.wantBase = used(columnBase)
	for _, v := range args[5:] {
		if !isNull(v) && v.Type() != sqlite.SQLITE_BLOB {
			return usage("it takes 5 arguments at most, chunk_size, schema, index_files, compression and base; the next ones are its columns checksum and manifest, which are BLOBs, got %s", literal(*v))
		}
	}
	if r.exportArgs, err = r.cn.exportArgs(args); err != nil {
		return err
	}
	base, err := r.baseOf(args)
	if err != nil {
		return err
	}
	opt := live.ExportOptions{ChunkSize: r.chunkSize, Base: base, IndexFiles: r.indexFiles, Digests: used(columnManifest)}
	if r.compression != "" {
		opt.Compress = snapshot.CompressChunks
	}
	if r.export, err = r.cn.Export(r.schema, opt); err != nil {
		return err
	}
	if n, most := r.export.ManifestSize(), r.cn.MaxLength(); n > most {
		return usage("the manifest of this snapshot would have %d bytes, more than the %d of this connection's SQLITE_LIMIT_LENGTH; pass a larger chunk_size than %d", n, most, r.chunkSize)
	}
	return nil
}

// baseOf reads the parameter base. Where chunk_size is not given, it is the base's.
func (r *chunkRows) baseOf(args []*sqlite.Value) (*snapshot.Manifest, error) {
	v := args[4]
	if isNull(v) {
		return nil, nil
	}
	if v.Type() != sqlite.SQLITE_BLOB {
		return nil, usage("base must be a manifest, which is a BLOB, or NULL for none, got %s", literal(*v))
	}
	b, err := c.Blob(*v)
	if err != nil {
		return nil, err
	}
	if r.base = c.NewBlock(len(b)); r.base == nil {
		return nil, snapshot.ErrNoMemory
	}
	copy(r.base.Bytes(), b)
	base, err := snapshot.ParseManifest(r.base.Bytes())
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	if isNull(args[0]) {
		r.chunkSize = base.ChunkSize
	}
	if r.chunkSize != base.ChunkSize {
		return nil, usage("base has chunks of %d bytes, chunk_size is %d; pass %d, or leave it out", base.ChunkSize, r.chunkSize, base.ChunkSize)
	}
	return base, nil
}

func (r *chunkRows) next() (bool, error) {
	more, err := r.export.Next()
	r.row = r.export.Row()
	if more && err == nil && r.row.Kind == snapshot.KindEnd && !r.wantBase {
		r.closeBase()
	}
	return more, busyIfChanged(err)
}

func (r *chunkRows) rowid() int64 { return r.row.Seq }

func (r *chunkRows) column(ctx *sqlite.Context, i int) error {
	switch {
	case i < len(rowColumns):
		resultOf(ctx, r.row, i)
	case i < columnBase:
		r.result(ctx, i-len(rowColumns), r.export.IndexFiles())
	case i == columnBase && r.base != nil:
		c.ResultChunk(ctx, r.base.Bytes())
	case i == columnChecksum && r.row.Kind == snapshot.KindChunk:
		digest, ok := r.export.Digest()
		if !ok {
			return errNoDigest
		}
		c.ResultBlob(ctx, digest[:])
	case i == columnManifest && r.row.Kind == snapshot.KindEnd:
		manifest, err := r.export.Manifest()
		if err != nil {
			return err
		}
		c.ResultChunk(ctx, manifest)
	}
	return nil
}

func (r *chunkRows) close() {
	if r.export != nil {
		r.export.Close()
		r.export = nil
	}
	r.closeBase()
}

func (r *chunkRows) closeBase() {
	if r.base != nil {
		r.base.Release()
		r.base = nil
	}
}
