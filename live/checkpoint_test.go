package live_test

import (
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/live"
)

// What a passive checkpoint can do under a snapshot: what docs/CONSISTENCY.md says.
func TestCheckpointUnderASnapshot(t *testing.T) {
	for _, whole := range []bool{false, true} { // of the WAL was in the file
		path := filepath.Join(t.TempDir(), "app.db")
		writer, reader := openFile(t, path), openFile(t, path)
		perform(t, writer, "PRAGMA journal_mode = WAL", "PRAGMA wal_autocheckpoint = 0", "CREATE TABLE t(a)", "INSERT INTO t VALUES (zeroblob(100000))")
		checkpoint := func() (frames, done int) {
			t.Helper()
			var busy int
			if err := writer.QueryRowContext(t.Context(), "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &frames, &done); err != nil || busy != 0 {
				t.Fatalf("busy %d, %v", busy, err)
			}
			return frames, done
		}
		want := 0
		if whole {
			checkpoint()
		}
		e, err := ofDriver(t, reader).Export("main", live.ExportOptions{IndexFiles: live.IndexNone})
		if err != nil {
			t.Fatal(err)
		}
		if !whole {
			want, _ = checkpoint()
		}
		perform(t, writer, "INSERT INTO t VALUES (zeroblob(100000))")
		frames, done := checkpoint()
		if done != want || done >= frames {
			t.Errorf("whole %t: %d of %d frames are in the file, want %d", whole, done, frames, want)
		}
		e.Close()
		if frames, done := checkpoint(); done != frames {
			t.Errorf("whole %t: %d of %d frames are in the file after the snapshot", whole, done, frames)
		}
	}
}
