package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
)

// overFlag adds --over. It stays out of the help until it does something.
func overFlag(cmd *cobra.Command, over *string) {
	cmd.Flags().StringVar(over, "over", "", "put the restored files in the place of those of the database `DB`, which nobody has open")
	_ = cmd.Flags().MarkHidden("over")
}

var errNotYet = errors.New("restore --over is not there yet; restore into a directory, and put its files in place by hand")

// restoreOver puts the files of a snapshot in the place of a database's.
func (a *app) restoreOver(_ context.Context, _, _ string) error {
	return errNotYet
}
