package extension

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// vx_snapshot_restore(directory, seq, file_name, offset, data, is_last, metadata_json, base_directory)
func (cn *surface) restore(more int) *aggregate {
	return &aggregate{"vx_snapshot_restore", 1 + len(rowColumns) + more, func() accumulator {
		return &restoreRun{cn: cn}
	}}
}

type restoreRun struct {
	cn        *surface
	restorer  *snapshot.Restorer
	directory string
	base      baseArg
	row       snapshot.Row
	values    c.Values
	err       error // of the first row that failed
}

// step gives the restore up at the first error: SQLite asks for the result of a
// statement that has failed too, and nothing must appear then.
func (r *restoreRun) step(args []sqlite.Value) error {
	if r.err == nil {
		if r.err = r.take(args); r.err != nil && r.restorer != nil {
			r.err = r.cleanUp(r.err)
		}
	}
	return r.err
}

func (r *restoreRun) take(args []sqlite.Value) error {
	r.values.Read(args)
	if r.values.Type(0) != sqlite.SQLITE_TEXT {
		return usage("directory must be TEXT, got %s", literal(args[0]))
	}
	opt := snapshot.RestoreOptions{FS: r.cn.fs, Interrupted: r.cn.Interrupted}
	if last := 1 + len(rowColumns); len(args) > last {
		if _, err := r.base.read(&r.values, args, last); err != nil {
			return err
		}
		if r.base.text != "" {
			opt.Base = r.base
		}
	}
	switch directory, err := r.values.Bytes(0); {
	case err != nil:
		return err
	case r.restorer == nil:
		r.directory = string(directory)
		r.restorer, err = snapshot.NewRestorer(r.directory, vectorlite.Check, live.Relocate, opt)
		if err != nil {
			return err
		}
	case string(directory) != r.directory:
		return usage("directory must be the same for every row, got %s and %s", fault.Quote(r.directory), fault.Quote(string(directory)))
	}
	if err := decodeRow(&r.row, &r.values, args, 1); err != nil {
		return err
	}
	return r.restorer.Add(&r.row)
}

// restored is the JSON that a restore returns.
type restored struct {
	SnapshotID string         `json:"snapshot_id"`
	Directory  string         `json:"directory"`
	TotalSize  int64          `json:"total_size"`
	Files      []restoredFile `json:"files"`
}

type restoredFile struct {
	Name string `json:"file_name"`
	Path string `json:"path"`
	Size int64  `json:"file_size"`
}

func (r *restoreRun) final(ctx *sqlite.Context) error {
	if r.restorer == nil {
		return usage("incomplete: no rows; nothing was restored")
	}
	// SQLite comes here also when the statement has failed, and says nothing of it
	// that could be told from a success but this.
	if err := r.cn.InterruptedNow(); err != nil {
		return r.cleanUp(err)
	}
	m, err := r.restorer.Finish()
	if err != nil {
		return r.cleanUp(err)
	}
	result := restored{SnapshotID: m.SnapshotID, Directory: r.restorer.Target(), TotalSize: m.TotalSize}
	for _, f := range m.Files {
		result.Files = append(result.Files, restoredFile{f.Name, filepath.Join(result.Directory, f.Name), f.Size})
	}
	text, err := json.Marshal(result)
	if err != nil {
		return err
	}
	c.ResultText(ctx, string(text))
	return nil
}

// cleanUp removes what was staged and says so if that failed.
func (r *restoreRun) cleanUp(err error) error {
	if left := r.restorer.Close(); left != nil {
		return fmt.Errorf("%w; and the staging directory could not be removed: %w", err, left)
	}
	return err
}

func (r *restoreRun) close() {
	if r.restorer != nil {
		_ = r.restorer.Close()
	}
}
