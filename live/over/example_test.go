package over_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/live/over"
	"github.com/vxsnap/vxsnap/snapshot"
)

// restoreOver lets a saved snapshot take the place of the files of an application that was
// stopped, and says where those of before are.
func restoreOver(ctx context.Context, database, path string) (before string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	saved := snapshot.NewSavedReader(f, path, nil, nil)
	defer saved.Close()
	result, err := over.Restore(ctx, database, over.Saved(saved), over.Options{})
	if errors.Is(err, live.ErrInUse) {
		return "", fmt.Errorf("stop the application first: %w", err)
	}
	if err != nil {
		return "", err
	}
	return result.Before, nil
}

func ExampleRestore() {
	before, err := restoreOver(context.Background(), "/srv/app/app.db", "app.tar.zst")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the files of before are in", before)
}
