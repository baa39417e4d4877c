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

// A saved snapshot takes the place of the files of an application that was stopped.
func ExampleRestore() {
	f, err := os.Open("app.tar.zst")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	saved := snapshot.NewSavedReader(f, f.Name(), nil, nil)
	defer saved.Close()

	result, err := over.Restore(context.Background(), "/srv/app/app.db", over.Saved(saved), over.Options{})
	switch {
	case errors.Is(err, live.ErrInUse):
		log.Fatalf("stop the application first: %v", err)
	case err != nil:
		log.Fatal(err)
	}
	fmt.Println("the files of before are in", result.Before)
}
