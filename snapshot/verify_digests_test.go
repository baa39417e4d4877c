package snapshot_test

import (
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// What Verify does not need it does not keep: of rows out of order, of a database,
// their digests. Only index files and rows before the metadata are on disk.
func TestVerifyKeepsDigests(t *testing.T) {
	for _, c := range []struct {
		f       files
		creates int
		bytes   int
	}{{files{noise(1, 3*mib)}, 0, 0}, {files{noise(1, 3*mib), indexImage(2, 54)}, 1, 2040}, {files{noise(1, mib), {}}, 0, 0}} {
		for _, order := range orders {
			rows := c.f.rows(t, 4096)
			order.apply(rows[1:])
			trace := &tracingFS{FS: snapshot.OS}
			disk := &countingFS{FS: trace}
			if got := verify(t, disk, rows); got != "ok" && len(c.f[len(c.f)-1]) > 0 {
				t.Errorf("%s: %s", order.name, got)
			}
			if got := strings.Count(strings.Join(trace.trace, "\n"), "create"); got != c.creates || disk.bytes.Load() != int64(c.bytes) {
				t.Errorf("%s: %d files with %d bytes were made, want %d with %d", order.name, got, disk.bytes.Load(), c.creates, c.bytes)
			}
		}
	}
}
