package live_test

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/live"
)

// Where no descriptor is left, nobody is told that there is no /proc.
func TestNoDescriptorLeft(t *testing.T) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := limit
	none.Cur = 0
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	n, err := live.Descriptors()
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if n > 0 || err == nil || !strings.HasSuffix(err.Error(), "too many open files") {
		t.Errorf("got %d descriptors, %v", n, err)
	}
}
