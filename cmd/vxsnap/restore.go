package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vxsnap/vxsnap"
	"github.com/vxsnap/vxsnap/snapshot"
)

func (a *app) restore() *cobra.Command {
	var over overFlags
	cmd := &cobra.Command{
		Use:   "restore SOURCE DIR | restore SOURCE --over DB",
		Short: "Restore a snapshot into a new directory, or over a stopped application's files",
		Long: `Restores a snapshot into the directory DIR, which must not exist yet, or be empty. All that
verify checks is checked, and DIR appears complete and on the disk, or not at all. The
database is DIR/database.db, and its vectorlite tables name the index files beside it.

` + overHelp + `

` + sourceHelp,
		Example: `  vxsnap restore app.tar.zst restored
  vxsnap restore nights.db@7 drill
  ssh host vxsnap save app.db - | vxsnap restore - copy
  systemctl stop app && sudo -u app vxsnap restore app.tar.zst --over /srv/app/app.db --stopped`,
		Args: over.check,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case over.undo:
				return a.undoOver(cmd.Context(), &over)
			case cmd.Flags().Changed("over"):
				return a.restoreOver(cmd.Context(), args[0], &over)
			}
			return a.restoreInto(cmd.Context(), args[0], args[1])
		},
	}
	over.add(cmd)
	return cmd
}

// restored is the JSON of restore; sizes are in bytes.
type restored struct {
	SnapshotID string         `json:"snapshot_id"`
	Created    utc            `json:"created"`
	Directory  string         `json:"directory"`
	TotalSize  int64          `json:"total_size"`
	Files      []restoredFile `json:"files"`
}

type restoredFile struct {
	Name string `json:"file_name"`
	Path string `json:"path"`
	Size int64  `json:"file_size"`
}

func (a *app) restoreInto(ctx context.Context, arg, directory string) error {
	from, err := openSource(ctx, arg)
	if err != nil {
		return err
	}
	defer from.close()
	bar := a.bar("restore")
	defer bar.end()
	result, files, err := from.restore(ctx, directory, bar)
	bar.end()
	if err != nil {
		return err
	}
	if result.Directory, err = filepath.Abs(directory); err != nil {
		return err
	}
	if result.Directory, err = filepath.EvalSymlinks(result.Directory); err != nil {
		return err
	}
	for i := range files {
		result.Files = append(result.Files, restoredFile{files[i].Name, filepath.Join(result.Directory, files[i].Name), files[i].Size})
	}
	return a.print(result, fmt.Sprintf("%s: %s of %s, as of %s\n", directory, filesText(len(files)), bytesText(result.TotalSize), result.Created))
}

// restore restores the snapshot, and says what it is.
func (from *source) restore(ctx context.Context, directory string, bar *bar) (*restored, []snapshot.File, error) {
	if from.store == nil {
		info, err := vxsnap.Restore(ctx, from.in, directory, vxsnap.RestoreOptions{Progress: bar.at})
		if err != nil {
			return nil, nil, err
		}
		return &restored{SnapshotID: info.ID, Created: utc(info.CreatedAt), TotalSize: info.Size}, info.Files, nil
	}
	from.store.Progress = bar.at
	meta, err := from.store.Restore(ctx, from.of.N, directory)
	if err != nil {
		return nil, nil, err
	}
	return &restored{SnapshotID: from.of.ID, Created: utc(from.of.CreatedAt), TotalSize: from.of.TotalSize}, meta.Files, nil
}
