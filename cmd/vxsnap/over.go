package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/live/over"
	"github.com/vxsnap/vxsnap/snapshot"
)

const overHelp = `With --over the restored files take the place of those of the database DB and of its index
files, under their own names, and the old ones are set aside beside them: the database in
DB.before-TIME. Stop whatever uses DB first, and run it as the user of that: while somebody
has DB open nothing is done, and --stopped is needed where that cannot be seen.
Whoever opens it meanwhile gets an error, and never a mix of old and new files. If the
machine stops half-way, nobody can open DB until the same command, or one with --undo, has
brought the old files back.`

// The flags of a restore over a database.
type overFlags struct {
	database, relativeTo string
	stopped, undo        bool
}

func (f *overFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.database, "over", "", "let the restored files take the place of those of the database `DB`")
	flags.BoolVar(&f.stopped, "stopped", false, "with --over: say that whatever uses DB was stopped, also what cannot be seen from here")
	flags.StringVar(&f.relativeTo, "relative-to", "", "with --over: the `DIR` in which the application runs, for index files with relative paths")
	flags.BoolVar(&f.undo, "undo", false, "with --over: restore nothing, only bring back the files of before where a restore stopped half-way")
}

// check says which arguments a restore takes with these flags.
func (f *overFlags) check(cmd *cobra.Command, args []string) error {
	given := cmd.Flags().Changed
	switch {
	case given("over") && f.undo:
		return exactly(0, "no SOURCE, with --over DB --undo")(cmd, args)
	case given("over"):
		return exactly(1, "SOURCE, with --over DB")(cmd, args)
	case f.undo || f.stopped || given("relative-to"):
		return wrongUse("--undo, --stopped and --relative-to go with --over DB")
	}
	return exactly(2, "SOURCE and DIR")(cmd, args)
}

// replaced is the JSON of restore --over; sizes are in bytes.
type replaced struct {
	SnapshotID string         `json:"snapshot_id"`
	Database   string         `json:"database"`
	Before     string         `json:"before"` // the directory with the old database
	TotalSize  int64          `json:"total_size"`
	Files      []replacedFile `json:"files"`
	Undone     string         `json:"undone,omitempty"` // what an earlier restore had left: prepared, half-done
	Unreadable bool           `json:"unreadable,omitempty"`
}

type replacedFile struct {
	Path   string `json:"path"`
	Before string `json:"before,omitempty"`
	New    bool   `json:"new"`
}

// restoreOver puts the files of a snapshot in the place of a database's.
func (a *app) restoreOver(ctx context.Context, arg string, f *overFlags) error {
	from, err := openSource(ctx, arg)
	if err != nil {
		return err
	}
	defer from.close()
	bar := a.bar("restore")
	defer bar.end()
	opt, err := f.options()
	if err != nil {
		return err
	}
	opt.Progress = bar.at
	rows, end := from.rows(ctx)
	defer end()
	r, err := over.Restore(ctx, f.database, rows, opt)
	bar.end()
	if err != nil {
		return err
	}
	result := &replaced{SnapshotID: r.Metadata.SnapshotID, Database: r.Database, Before: r.Before, TotalSize: r.Metadata.TotalSize, Undone: r.Found, Unreadable: r.Unreadable}
	for _, file := range r.Files {
		result.Files = append(result.Files, replacedFile(file))
	}
	text := foundText(r.Found)
	if r.Unreadable {
		text += fmt.Sprintf("the schema of the old %s could not be read: its index files stay where they are, and the new ones are beside it\n", f.database)
	}
	return a.print(result, text+fmt.Sprintf("%s: %s of %s; the files of before are in %s\n", f.database, filesText(len(r.Metadata.Files)), bytesText(r.Metadata.TotalSize), r.Before))
}

// undoOver brings back what a restore that stopped half-way has set aside.
func (a *app) undoOver(ctx context.Context, f *overFlags) error {
	opt, err := f.options()
	if err != nil {
		return err
	}
	found, err := over.Recover(ctx, f.database, opt)
	if err != nil {
		return err
	}
	text := foundText(found)
	if text == "" {
		text = "no restore over it stopped half-way: nothing to do\n"
	}
	database, err := filepath.Abs(f.database)
	if err != nil {
		return err
	}
	return a.print(map[string]string{"database": database, "undone": found}, f.database+": "+text)
}

func (f *overFlags) options() (opt over.Options, err error) {
	opt.Stopped = f.stopped
	if f.relativeTo != "" {
		if opt.RelativeTo, err = filepath.Abs(f.relativeTo); err != nil {
			return opt, err
		}
	}
	return opt, nil
}

func foundText(found string) string {
	switch found {
	case over.FoundPrepared:
		return "an earlier restore was stopped before it replaced anything; what it had made was removed\n"
	case over.FoundHalfDone:
		return "an earlier restore was stopped half-way; the files of before are back\n"
	}
	return ""
}

// rows are those of the source; end must be called.
func (from *source) rows(ctx context.Context) (rows over.Rows, end func()) {
	if from.store != nil {
		return func(add func(*snapshot.Row) error) error { return from.store.Rows(ctx, from.of.N, add) }, func() {}
	}
	saved := snapshot.NewSavedReader(from.in, from.name, ctx.Err, nil)
	return over.Saved(saved), saved.Close
}

// halfDone puts in front of an error that a restore over a database stopped half-way, which
// SQLite calls a disk I/O error.
func halfDone(database string, err error) error {
	if err == nil || errors.Is(err, over.ErrHalfDone) || !over.HalfDone(database) {
		return err
	}
	return fmt.Errorf("a restore over %s is going on, or stopped half-way; vxsnap restore --over %[1]s --undo brings the files of before back: %w", fault.Quote(database), err)
}
