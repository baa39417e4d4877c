package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vxsnap/vxsnap"
)

// relocated is the JSON of relocate.
type relocated struct {
	Directory string `json:"directory"`
	Tables    int    `json:"tables"` // that named other files before
}

func (a *app) relocate() *cobra.Command {
	return &cobra.Command{
		Use:   "relocate DIR",
		Short: "Let the database of a directory that was moved name the index files beside it",
		Long: `For a restored directory that was moved or copied: lets the vectorlite tables of
DIR/database.db name the index files beside it. Without it vectorlite finds no file, and
takes that for an empty index, or overwrites the index of the directory's original.
It is all or nothing, and refused while somebody has the database open.`,
		Example: `  mv restored /srv/app && vxsnap relocate /srv/app`,
		Args:    exactly(1, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			tables, err := vxsnap.Relocate(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			text := fmt.Sprintf("%s: %d tables name other files now\n", args[0], tables)
			switch tables {
			case 0:
				text = args[0] + ": all tables name the files beside the database already\n"
			case 1:
				text = args[0] + ": 1 table names another file now\n"
			}
			return a.print(&relocated{args[0], tables}, text)
		},
	}
}
