package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vxsnap/vxsnap"
	"github.com/vxsnap/vxsnap/internal/fault"
)

// verified is the JSON of verify; sizes are in bytes.
type verified struct {
	Verified   bool     `json:"verified"`
	Source     string   `json:"source"`
	N          int64    `json:"n,omitempty"`
	SnapshotID string   `json:"snapshot_id,omitempty"`
	Created    *utc     `json:"created,omitempty"`
	TotalSize  int64    `json:"total_size,omitempty"`
	Problem    string   `json:"problem,omitempty"`
	Problems   []string `json:"problems,omitempty"` // with --all
}

func (a *app) verify() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "verify SOURCE",
		Short: "Check every byte of a snapshot against its checksums",
		Long: `Checks every byte of a snapshot against its checksums, and each index file link by link.

` + sourceHelp + `

With --all, SOURCE is a store, and every snapshot of it is checked, and its tables.`,
		Example: `  vxsnap verify app.tar.zst
  vxsnap verify nights.db@7
  ssh host cat app.tar.zst | vxsnap verify -`,
		Args: exactly(1, "SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if all {
				return a.verifyStore(cmd.Context(), args[0])
			}
			return a.verifyOne(cmd.Context(), args[0])
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "check all snapshots of a store, and its tables")
	return cmd
}

func (a *app) verifyOne(ctx context.Context, arg string) error {
	from, err := openSource(ctx, arg)
	if err != nil {
		return a.notWhole(arg, err)
	}
	defer from.close()
	bar := a.bar("verify")
	result, err := from.verify(ctx, bar)
	bar.end()
	if err != nil {
		return a.notWhole(from.name, err)
	}
	text := fmt.Sprintf("%s: ok, %s of %s\n", from.name, bytesText(result.TotalSize), result.Created)
	return a.print(result, text)
}

// notWhole prints the object of what is damaged.
func (a *app) notWhole(source string, err error) error {
	if !a.json || a.codeOf(err) != exitDamaged {
		return err
	}
	return errors.Join(a.print(&verified{Source: source, Problem: inWords(err.Error())}, ""), err)
}

// verify checks the snapshot; damage is an error.
func (from *source) verify(ctx context.Context, bar *bar) (*verified, error) {
	if from.store == nil {
		info, err := vxsnap.Verify(ctx, from.in, vxsnap.VerifyOptions{Progress: bar.at})
		if err != nil {
			return nil, err
		}
		created := utc(info.CreatedAt)
		return &verified{true, from.name, 0, info.ID, &created, info.Size, "", nil}, nil
	}
	from.store.Progress = bar.at
	verdict, err := from.store.Verify(ctx, from.of.N)
	if err == nil && verdict != "ok" {
		err = &damaged{"verify: " + fault.Quote(from.name) + ": " + verdict}
	}
	created := utc(from.of.CreatedAt)
	return &verified{true, from.name, from.of.N, from.of.ID, &created, from.of.TotalSize, "", nil}, err
}

func (a *app) verifyStore(ctx context.Context, path string) error {
	isStore, in, err := open(ctx, path)
	if err == nil && !isStore {
		in.Close()
		err = wrongUse("--all is for a store, and %s is none", fault.Quote(path))
	}
	if err != nil {
		return err
	}
	s, err := openStore(ctx, path)
	if err != nil {
		return a.notWhole(path, err)
	}
	defer s.Close()
	bar := a.bar("verify")
	defer bar.end()
	s.Progress = bar.at
	problems, err := s.Check(ctx)
	bar.end()
	if err != nil {
		return a.notWhole(path, err)
	}
	if len(problems) > 0 {
		err = &damaged{fmt.Sprintf("verify: %s: %s", fault.Quote(path), problems[0])}
		if len(problems) > 1 {
			err = &damaged{fmt.Sprintf("%v; and %d problems more", err, len(problems)-1)}
		}
		if !a.json {
			return err
		}
	}
	return errors.Join(a.print(&verified{Verified: len(problems) == 0, Source: path, Problems: problems}, path+": ok\n"), err)
}
