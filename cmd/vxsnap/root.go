package main

import (
	"github.com/spf13/cobra"
)

// An app is one run of the command.
type app struct {
	json, quiet bool
	began       bool // the arguments were right
}

const about = `vxsnap takes consistent snapshots of live SQLite databases and of the vector index
files of their vectorlite tables, checks them, and restores them.

  vxsnap save app.db app.tar.zst            one file
  vxsnap save app.db --store nights.db      one more night in a store, which takes the room of what changed
  vxsnap verify app.tar.zst                 every byte against its checksums
  vxsnap restore app.tar.zst restored       a new directory, complete or not at all
  vxsnap restore app.tar.zst --over app.db  in the place of a stopped application's files
  vxsnap list nights.db                     what there is; with --max-age 26h, for monitoring
  vxsnap prune nights.db --keep-daily 7     drops old nights

- stands for standard output of save, and for standard input of verify and restore.

Exit codes:
  0    done
  1    failed
  2    wrong use: nothing was tried
  3    damaged: a snapshot, a store or an index file is not what it was
  4    too old: the newest snapshot is older than --max-age, or there is none
  129, 130, 143   stopped by SIGHUP, SIGINT (^C) or SIGTERM; nothing was left behind`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "vxsnap",
		Short:         "Consistent snapshots of SQLite databases and their vector index files",
		Long:          about,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return wrongUse("name a command; vxsnap help lists them")
		},
	}
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print one JSON object; docs/COMMAND.md has the fields")
	root.PersistentFlags().BoolVarP(&a.quiet, "quiet", "q", false, "print no progress, and no result unless --json is given")
	for _, command := range []*cobra.Command{
		a.save(), a.list(), a.verify(), a.restore(), a.prune(), a.relocate(), a.files(), a.version(),
	} {
		run := command.RunE
		command.RunE = func(cmd *cobra.Command, args []string) error {
			a.began = true
			err := run(cmd, args)
			if len(args) > 0 {
				err = halfDone(args[0], err)
			}
			return err
		}
		root.AddCommand(command)
	}
	return root
}
