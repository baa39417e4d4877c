package extension

import (
	"errors"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// vx_snapshot_chunks(chunk_size, schema, index_files)
func (cn *surface) chunks() *tableFunction {
	return &tableFunction{
		name: "vx_snapshot_chunks",
		declare: `CREATE TABLE x(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT,
			chunk_size HIDDEN, schema HIDDEN, index_files HIDDEN, checksum BLOB HIDDEN, manifest BLOB HIDDEN)`,
		columns: 6,
		params:  3,
		hidden:  2,
		open:    func() rows { return &chunkRows{cn: cn} },
	}
}

var errNoDigest = errors.New("this row has no checksum")

// columnManifest is of the columns in declare.
const columnManifest = 10

type chunkRows struct {
	cn     *surface
	export *live.Export

	chunkSize int64
	schema    string
	row       *snapshot.Row
}

func (r *chunkRows) start(args []*sqlite.Value, used func(column int) bool) (err error) {
	r.close()
	for _, v := range args[3:] {
		if !isNull(v) && v.Type() != sqlite.SQLITE_BLOB {
			return usage("it takes 3 arguments at most, chunk_size, schema and index_files; the next ones are its columns checksum and manifest, which are BLOBs, got %s", literal(*v))
		}
	}
	if r.chunkSize, err = chunkSize(args[0]); err != nil {
		return err
	}
	if r.schema, err = r.cn.schemaName(args[1]); err != nil {
		return err
	}
	word, err := indexFiles(args[2])
	if err != nil {
		return err
	}
	r.export, err = r.cn.Export(r.schema, live.ExportOptions{
		ChunkSize: r.chunkSize, IndexFiles: word, Digests: used(columnManifest),
	})
	if err != nil {
		return err
	}
	if n, most := r.export.ManifestSize(), r.cn.MaxLength(); n > most {
		return usage("the manifest of this snapshot would have %d bytes, more than the %d of this connection's SQLITE_LIMIT_LENGTH; pass a larger chunk_size than %d", n, most, r.chunkSize)
	}
	return nil
}

func (r *chunkRows) next() (bool, error) {
	more, err := r.export.Next()
	if errors.Is(err, snapshot.ErrChanged) {
		err = &coded{int(sqlite.SQLITE_BUSY), usage("%v; the rows so far are of no use, run the query again", err)}
	}
	r.row = r.export.Row()
	return more, err
}

func (r *chunkRows) rowid() int64 { return r.row.Seq }

func (r *chunkRows) column(ctx *sqlite.Context, i int) error {
	isChunk := r.row.Kind == snapshot.KindChunk
	switch {
	case i == 0:
		ctx.ResultInt64(r.row.Seq)
	case i == 1 && isChunk:
		c.ResultText(ctx, r.row.FileName)
	case i == 2 && isChunk:
		ctx.ResultInt64(r.row.Offset)
	case i == 3 && isChunk:
		c.ResultChunk(ctx, r.row.Data)
	case i == 4 && r.row.Last:
		ctx.ResultInt(1)
	case i == 4:
		ctx.ResultInt(0)
	case i == 5 && !isChunk:
		c.ResultText(ctx, r.row.Metadata)
	case i == 6:
		ctx.ResultInt64(r.chunkSize)
	case i == 7:
		c.ResultText(ctx, r.schema)
	case i == 8:
		c.ResultText(ctx, r.export.IndexFiles())
	case i == 9 && isChunk:
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
		c.ResultBlob(ctx, manifest)
	}
	return nil
}

func (r *chunkRows) close() {
	if r.export != nil {
		r.export.Close()
		r.export = nil
	}
}
