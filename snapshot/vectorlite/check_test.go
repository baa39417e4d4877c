package vectorlite_test

import (
	"errors"
	"testing"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

func TestCheckOfNothing(t *testing.T) {
	if err := vectorlite.Check(nil); !errors.Is(err, fault.ErrIndexFile) || err.Error() != "an index without a file" {
		t.Errorf("got %v", err)
	}
}
