package extension

import (
	"encoding/json"
	"errors"
	"fmt"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// vx_snapshot_save(path, schema, index_files)
func (cn *surface) save() *scalar {
	return &scalar{"vx_snapshot_save", -1, func(ctx *sqlite.Context, args []sqlite.Value) error {
		if len(args) < 1 || len(args) > 3 {
			return usage("it takes 1 to 3 arguments, path, schema and index_files, got %d", len(args))
		}
		given := make([]*sqlite.Value, 3)
		for i := range args {
			given[i] = &args[i]
		}
		result, err := cn.saveTo(given)
		if err == nil {
			c.ResultText(ctx, result)
		}
		return err
	}}
}

// saved is the JSON that a save returns; sizes are in bytes.
type saved struct {
	SnapshotID string            `json:"snapshot_id"`
	Path       string            `json:"path"`
	Size       int64             `json:"size"` // of the file
	TotalSize  int64             `json:"total_size"`
	Checksum   snapshot.Checksum `json:"checksum"`
	Files      []savedFile       `json:"files"`
}

type savedFile struct {
	Name string `json:"file_name"`
	Size int64  `json:"file_size"`
}

func (cn *surface) saveTo(args []*sqlite.Value) (_ string, err error) {
	path, err := pathOf(args[0])
	if err != nil {
		return "", err
	}
	given, err := cn.exportArgs([]*sqlite.Value{nil, args[1], args[2], nil})
	if err != nil {
		return "", err
	}
	opt := live.ExportOptions{IndexFiles: given.indexFiles}
	if opt.Compress, err = snapshot.CompressionOf(path); err != nil {
		return "", usage("%v", err)
	}
	file, err := snapshot.Create(path, cn.fs, cn.Interrupted)
	if err != nil {
		return "", err
	}
	defer func() {
		if left := file.Close(); left != nil {
			err = fmt.Errorf("%w; and what was written could not be removed: %w", err, left) // which names it
		}
	}()
	export, err := cn.Export(given.schema, opt)
	if err != nil {
		return "", err
	}
	defer export.Close()
	if _, err := export.Tar().WriteTo(file); errors.Is(err, snapshot.ErrChanged) {
		return "", fmt.Errorf("%w; nothing was saved, run the query again", err)
	} else if err != nil {
		return "", err
	}
	if err := file.Commit(); err != nil {
		return "", err
	}
	m := export.Metadata()
	result := saved{m.SnapshotID, file.Path(), file.Size(), m.TotalSize, export.Checksum(), nil}
	for i := range m.Files {
		result.Files = append(result.Files, savedFile{m.Files[i].Name, m.Files[i].Size})
	}
	text, err := json.Marshal(result)
	return string(text), err
}

// pathOf reads a parameter of that name.
func pathOf(v *sqlite.Value) (string, error) {
	if isNull(v) || v.Type() != sqlite.SQLITE_TEXT {
		got := "NULL"
		if v != nil {
			got = literal(*v)
		}
		return "", usage("path must be TEXT, the name of a file, got %s", got)
	}
	return c.Text(*v)
}
