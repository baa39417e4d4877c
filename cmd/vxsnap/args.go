package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/store"
)

// exactly refuses another number of arguments than n; what says what they are.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return wrongUse("%s takes %s, got %d arguments", cmd.Name(), what, len(args))
		}
		return nil
	}
}

// openExisting opens a store that is there.
func openExisting(path string) (*store.Store, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("store %s does not exist; vxsnap save DB --store %[1]s --create makes it", fault.Quote(path))
	}
	return store.Open(path)
}
