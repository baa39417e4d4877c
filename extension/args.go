package extension

import (
	"encoding/hex"
	"strconv"
	"strings"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// isNull reports whether an argument is not given or NULL.
func isNull(v *sqlite.Value) bool { return v == nil || v.Type() == sqlite.SQLITE_NULL }

// chunkSize reads the parameter of that name, in bytes.
func chunkSize(v *sqlite.Value) (int64, error) {
	if isNull(v) {
		return snapshot.DefaultChunkSize, nil
	}
	n := v.Int64()
	if v.Type() != sqlite.SQLITE_INTEGER || n < snapshot.MinChunkSize || n > snapshot.MaxChunkSize {
		return 0, usage("chunk_size must be an integer from %d to %d, got %s", snapshot.MinChunkSize, snapshot.MaxChunkSize, literal(*v))
	}
	return n, nil
}

// An exportArgs is what chunks, tar and save have in common, as a statement gave it.
type exportArgs struct {
	chunkSize   int64 // bytes
	schema      string
	indexFiles  string // "" if it is not given
	compression string // "" if it is not given
}

// exportArgs reads chunk_size, schema, index_files and compression.
func (cn *surface) exportArgs(args []*sqlite.Value) (a exportArgs, err error) {
	if a.chunkSize, err = chunkSize(args[0]); err != nil {
		return a, err
	}
	if a.schema, err = cn.schemaName(args[1]); err != nil {
		return a, err
	}
	if a.indexFiles, err = indexFiles(args[2]); err != nil {
		return a, err
	}
	a.compression, err = compression(args[3])
	return a, err
}

// result gives the i-th of them, as a hidden column; indexFiles is the word that was
// taken.
func (a *exportArgs) result(ctx *sqlite.Context, i int, indexFiles string) {
	switch i {
	case 0:
		ctx.ResultInt64(a.chunkSize)
	case 1:
		c.ResultText(ctx, a.schema)
	case 2:
		c.ResultText(ctx, indexFiles)
	case 3:
		if a.compression != "" { // else it is NULL
			c.ResultText(ctx, a.compression)
		}
	}
}

// compression reads the parameter of that name.
func compression(v *sqlite.Value) (string, error) {
	if isNull(v) {
		return "", nil
	}
	if v.Type() == sqlite.SQLITE_TEXT {
		if word, err := c.Text(*v); err != nil || word == "zstd" {
			return word, err
		}
	}
	return "", usage("compression must be 'zstd', or NULL for none, got %s", literal(*v))
}

// schemaName reads the parameter schema of a connection.
func (cn *surface) schemaName(v *sqlite.Value) (string, error) {
	if isNull(v) {
		return "main", nil
	}
	if v.Type() != sqlite.SQLITE_TEXT { // first: to read it as text would make it one
		return "", usage("schema must be 'main', 'temp' or the name of an attached database, got %s", literal(*v))
	}
	name, err := c.Text(*v)
	if err != nil {
		return "", err
	}
	return cn.SchemaName(name)
}

// indexFiles reads the parameter index_files, "" if it is not given.
func indexFiles(v *sqlite.Value) (string, error) {
	if isNull(v) {
		return "", nil
	}
	if v.Type() == sqlite.SQLITE_TEXT {
		word, err := c.Text(*v)
		if err != nil {
			return "", err
		}
		if word != "" { // which means 'auto' in Go
			return live.IndexWord(word)
		}
	}
	return "", usage("index_files must be 'auto', 'disk' or 'none', got %s", literal(*v))
}

// literal shows a value as an SQL literal, shortened; an empty one where SQLite has
// no memory for it, which the statement then fails with.
func literal(v sqlite.Value) string {
	const most = 40
	switch v.Type() {
	case sqlite.SQLITE_INTEGER:
		return strconv.FormatInt(v.Int64(), 10)
	case sqlite.SQLITE_FLOAT:
		s := strconv.FormatFloat(v.Float(), 'g', -1, 64)
		if !strings.ContainsAny(s, ".eIN") {
			s += ".0"
		}
		return s
	case sqlite.SQLITE_TEXT:
		text, _ := c.Text(v)
		return fault.Quote(text)
	case sqlite.SQLITE_BLOB:
		b, _ := c.Blob(v)
		if len(b) > most/2 {
			return "x'" + hex.EncodeToString(b[:most/2]) + "…'"
		}
		return "x'" + hex.EncodeToString(b) + "'"
	}
	return "NULL"
}
