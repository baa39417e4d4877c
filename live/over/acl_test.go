package over_test

import (
	"os"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/live/over"
)

// The new database has the access list of the old one.
func TestAccessList(t *testing.T) {
	a := shape{journal: "delete"}.build(t)
	want := testkit.SetAccessList(t, a.database)
	if _, err := a.restore(over.Options{}); err != nil {
		t.Fatal(err)
	}
	if got := testkit.AccessList(t, a.database); got != want {
		t.Errorf("the database has the access list %x", got)
	}
	if info, err := os.Stat(a.database); err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("%v, %v", info, err)
	}
}
