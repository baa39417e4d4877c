package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/vxsnap/vxsnap"
	"github.com/vxsnap/vxsnap/snapshot"
)

// saveArgs are the arguments of save.
type saveArgs struct {
	database, file, store, indexFiles, metrics string
	create, compress                           bool
	chunkSize                                  int64
	timeout                                    time.Duration
}

func (a *app) save() *cobra.Command {
	var given saveArgs
	cmd := &cobra.Command{
		Use:   "save DB FILE.tar.zst|FILE.tar|- | save DB --store STORE",
		Short: "Take a snapshot of a live database, into a file, a pipe or a store",
		Long: `Takes a snapshot of the database DB and of the index files of its vectorlite tables, as
of one moment, while others read and write. DB is only read, and must exist.

The file appears when it is whole and on the disk, and never takes the place of another.
Its name says whether it is compressed. - is standard output: a tar stream, which is
compressed with --compress only. With --store STORE the snapshot becomes one more in a
store, which --create makes if it is not there, and which stays if the save then fails.

vectorlite is not needed. Where another process may hold a newer index in memory, save is
an error that says so: flush there first, or take the snapshot there. --index-files disk
takes the index files as they are, and none leaves them out.`,
		Example: `  vxsnap save app.db app-$(date +%F).tar.zst
  vxsnap save app.db - --compress | ssh host 'cat >app.tar.zst'
  vxsnap save app.db --store nights.db --create`,
		Args: given.check,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if given.store != "" {
				return a.saveIntoStore(cmd.Context(), &given)
			}
			return a.saveFile(cmd.Context(), &given)
		},
	}
	f := cmd.Flags()
	f.StringVar(&given.store, "store", "", "save into `STORE`, in place of a file")
	f.BoolVar(&given.create, "create", false, "make the store if it does not exist")
	f.Int64Var(&given.chunkSize, "chunk-size", 4096, "with --create: the `bytes` of a chunk of the store; the page size of DB is best")
	f.BoolVar(&given.compress, "compress", false, "compress with zstd: what goes to -, or, with --create, what the store will keep")
	f.StringVar(&given.indexFiles, "index-files", vxsnap.IndexAuto, "take index files by `MODE`: auto, disk or none")
	_ = cmd.RegisterFlagCompletionFunc("index-files", cobra.FixedCompletions(
		[]string{vxsnap.IndexAuto, vxsnap.IndexDisk, vxsnap.IndexNone}, cobra.ShellCompDirectiveNoFileComp))
	f.DurationVar(&given.timeout, "timeout", time.Minute, "how long to wait for a lock of DB, 5s at least")
	f.StringVar(&given.metrics, "metrics", "", "write a `FILE` for Prometheus (NAME.prom of a textfile collector), after success")
	return cmd
}

// check takes the arguments, and refuses what cannot be meant.
func (s *saveArgs) check(cmd *cobra.Command, args []string) error {
	given := func(flag string) bool { return cmd.Flags().Changed(flag) }
	if len(args) < 1 || len(args) > 2 {
		return wrongUse("save takes DB and FILE.tar.zst, FILE.tar, - or --store STORE, got %d arguments", len(args))
	}
	s.database = args[0]
	if len(args) == 2 {
		s.file = args[1]
	}
	switch {
	case (len(args) == 2) == given("store"), s.store == "" && given("store"):
		return wrongUse("save takes one of FILE.tar.zst, FILE.tar, - and --store STORE")
	case s.create && !given("store"):
		return wrongUse("--create is for --store")
	case given("chunk-size") && !s.create:
		return wrongUse("--chunk-size is for --store with --create: it stays what it was when the store was made")
	case s.chunkSize < snapshot.MinChunkSize || s.chunkSize > snapshot.MaxChunkSize:
		return wrongUse("--chunk-size is %d, must be from %d to %d bytes", s.chunkSize, snapshot.MinChunkSize, snapshot.MaxChunkSize)
	case s.compress && s.file != "-" && !s.create:
		return wrongUse("--compress is for - and for --store with --create; a file is compressed if its name ends with .tar.zst")
	case s.file == "" && len(args) == 2:
		return wrongUse("save takes one of FILE.tar.zst, FILE.tar, - and --store STORE; the name of FILE is empty")
	case s.timeout < 0:
		return wrongUse("--timeout is %v, must be 0 or more", s.timeout)
	case s.indexFiles != vxsnap.IndexAuto && s.indexFiles != vxsnap.IndexDisk && s.indexFiles != vxsnap.IndexNone:
		return wrongUse("--index-files must be auto, disk or none, got %q", s.indexFiles)
	case s.file != "" && s.file != "-":
		if _, err := snapshot.CompressionOf(s.file); err != nil {
			return wrongUse("%v", err)
		}
	}
	return metricsName(cmd, s.metrics)
}

// saved is the JSON of a save; sizes are in bytes.
type saved struct {
	SnapshotID string             `json:"snapshot_id"`
	Created    utc                `json:"created"`
	Path       string             `json:"path,omitempty"`
	Store      string             `json:"store,omitempty"`
	N          int64              `json:"n,omitempty"`
	Size       int64              `json:"size,omitempty"` // of the file, or of the stream
	TotalSize  int64              `json:"total_size"`
	Checksum   *snapshot.Checksum `json:"checksum,omitempty"`
	Files      []savedFile        `json:"files,omitempty"`
	Duration   float64            `json:"duration_seconds"`
}

type savedFile struct {
	Name string `json:"file_name"`
	Size int64  `json:"file_size"`
}

func (a *app) saveFile(ctx context.Context, given *saveArgs) error {
	bar, start := a.bar("save"), time.Now()
	defer bar.end()
	opts := vxsnap.SaveOptions{IndexFiles: given.indexFiles, Compress: given.compress, Wait: given.timeout, Progress: bar.at}
	var info *snapshot.Info
	result, out := saved{}, os.Stdout
	if given.file == "-" {
		stream, err := standardOutput(ctx)
		if err != nil {
			return err
		}
		if info, err = vxsnap.Save(ctx, given.database, stream, opts); err != nil {
			return err
		}
		out = os.Stderr
	} else {
		var err error
		if info, err = vxsnap.SaveFile(ctx, given.database, given.file, opts); err != nil {
			return err
		}
		if result.Path, err = filepath.Abs(given.file); err != nil {
			return err
		}
	}
	bar.end()
	result.SnapshotID, result.Created, result.Size = info.ID, utc(info.CreatedAt), info.SavedSize
	result.TotalSize, result.Checksum, result.Duration = info.Size, &info.Checksum, time.Since(start).Seconds()
	for i := range info.Files {
		result.Files = append(result.Files, savedFile{info.Files[i].Name, info.Files[i].Size})
	}
	if err := given.writeMetrics(&result); err != nil {
		return err
	}
	text := fmt.Sprintf("%s: %s of %s, %s\n", given.file, filesText(len(info.Files)), bytesText(info.Size), bytesText(info.SavedSize))
	if given.file == "-" {
		text = "" // standard error is quiet where all is well
	}
	return a.printTo(out, &result, text)
}
