package main

import (
	"context"
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
func openExisting(ctx context.Context, path string) (*store.Store, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("store %s does not exist; vxsnap save DB --store %[1]s --create makes it", fault.Quote(path))
	}
	return openStore(ctx, path)
}

// openStore opens a store, and waits for whoever writes to its file until ctx ends.
func openStore(ctx context.Context, path string) (*store.Store, error) {
	var s *store.Store
	_, err := await(ctx, func() (_ int, err error) {
		s, err = store.Open(path)
		return 0, err
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}
