package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vxsnap/vxsnap/store"
)

// pruned is the JSON of prune.
type pruned struct {
	Store   string `json:"store"`
	Dropped int    `json:"dropped"`
	Kept    int    `json:"kept"`
}

func (a *app) prune() *cobra.Command {
	var keep store.Keep
	cmd := &cobra.Command{
		Use:   "prune STORE --keep-…",
		Short: "Drop old snapshots of a store",
		Long: `Drops all snapshots of a store but those that a --keep flag keeps. Days are those of UTC,
weeks begin on Monday. The newest snapshot always stays.

The file does not become smaller: its free pages take the next snapshots, and keep the old
bytes until then.`,
		Example: `  vxsnap prune nights.db --keep-daily 7 --keep-weekly 4`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := exactly(1, "STORE")(cmd, args); err != nil {
				return err
			}
			if min(keep.Last, keep.Daily, keep.Weekly, keep.Monthly) < 0 || keep == (store.Keep{}) {
				return wrongUse("prune takes --keep-last, --keep-daily, --keep-weekly and --keep-monthly, each 0 or more, and one at least 1")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := openExisting(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer s.Close()
			dropped, err := s.Prune(cmd.Context(), keep)
			if err != nil {
				return err
			}
			left, err := s.List(cmd.Context())
			if err != nil {
				return err
			}
			return a.print(&pruned{args[0], dropped, len(left)}, fmt.Sprintf("%s: %d dropped, %d kept\n", args[0], dropped, len(left)))
		},
	}
	f := cmd.Flags()
	f.IntVar(&keep.Last, "keep-last", 0, "keep the newest `N`")
	f.IntVar(&keep.Daily, "keep-daily", 0, "keep the newest of each of `N` days that have one")
	f.IntVar(&keep.Weekly, "keep-weekly", 0, "keep the newest of each of `N` weeks")
	f.IntVar(&keep.Monthly, "keep-monthly", 0, "keep the newest of each of `N` months")
	return cmd
}
