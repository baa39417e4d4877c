package extension

import (
	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
)

// rowColumns are the columns of a snapshot, as arguments of verify and restore.
var rowColumns = [...]struct {
	name string
	kind sqlite.ColumnType
	null bool // NULL in some rows
}{
	{"seq", sqlite.SQLITE_INTEGER, false},
	{"file_name", sqlite.SQLITE_TEXT, true},
	{"offset", sqlite.SQLITE_INTEGER, true},
	{"data", sqlite.SQLITE_BLOB, true},
	{"is_last", sqlite.SQLITE_INTEGER, false},
	{"metadata_json", sqlite.SQLITE_TEXT, true},
}

// decodeRow reads the columns of one row: the arguments of a callback from the first-th
// on, whose values v has read. The row's data is SQLite's and valid during the callback.
// Errors wrap snapshot.ErrDamaged or c.NoMemory.
func decodeRow(row *snapshot.Row, v *c.Values, args []sqlite.Value, first int) error {
	args = args[first:]
	var has [len(rowColumns)]bool
	for i := range rowColumns {
		column, kind := &rowColumns[i], v.Type(first+i)
		has[i] = kind != sqlite.SQLITE_NULL
		if kind != column.kind && (has[i] || !column.null) {
			return fault.Damaged("%s: %s must be %s, got %s", rowName(args[0]), column.name, typeName(column.kind, column.null), literal(args[i]))
		}
	}
	last := v.Int64(first + 4)
	*row = snapshot.Row{Seq: v.Int64(first), Last: last == 1, FileName: row.FileName}
	if last != 0 && last != 1 {
		return fault.Damaged("%s: is_last must be 0 or 1, got %d", rowName(args[0]), last)
	}
	kind, err := snapshot.KindOf(row.Seq, has[1], has[2], has[3], has[5])
	if err != nil {
		return err
	}
	switch row.Kind = kind; kind {
	case snapshot.KindMetadata, snapshot.KindEnd:
		var text []byte
		text, err = v.Bytes(first + 5)
		row.Metadata = string(text)
	case snapshot.KindChunk:
		row.Offset = v.Int64(first + 2)
		var name []byte
		if name, err = v.Bytes(first + 1); err != nil {
			return err
		}
		if string(name) != row.FileName { // one allocation for a file
			row.FileName = string(name)
		}
		row.Data, err = v.Bytes(first + 3)
	}
	return err
}

// resultOf gives a column of a row as the result of a callback.
func resultOf(ctx *sqlite.Context, row *snapshot.Row, i int) {
	isChunk := row.Kind == snapshot.KindChunk
	switch {
	case i == 0:
		ctx.ResultInt64(row.Seq)
	case i == 1 && isChunk:
		c.ResultText(ctx, row.FileName)
	case i == 2 && isChunk:
		ctx.ResultInt64(row.Offset)
	case i == 3 && isChunk:
		c.ResultChunk(ctx, row.Data)
	case i == 4 && row.Last:
		ctx.ResultInt(1)
	case i == 4:
		ctx.ResultInt(0)
	case i == 5 && !isChunk:
		c.ResultText(ctx, row.Metadata)
	}
}

// rowName says which row an error is about.
func rowName(seq sqlite.Value) string {
	if seq.Type() == sqlite.SQLITE_INTEGER {
		return "row with seq " + literal(seq)
	}
	return "a row"
}

func typeName(kind sqlite.ColumnType, null bool) string {
	name := map[sqlite.ColumnType]string{
		sqlite.SQLITE_INTEGER: "an INTEGER", sqlite.SQLITE_TEXT: "TEXT", sqlite.SQLITE_BLOB: "a BLOB",
	}[kind]
	if null {
		name += " or NULL"
	}
	return name
}
