package snapshot_test

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vxsnap/vxsnap/snapshot"
)

func TestOpenMetadata(t *testing.T) {
	before := time.Now().UnixMilli()
	m := open(t, small().sources(), snapshot.Options{}).Metadata()
	if m.CreatedAt < before || m.CreatedAt > time.Now().UnixMilli() {
		t.Errorf("created_at %d is not now", m.CreatedAt)
	}
	if id := regexp.MustCompile(`^snap_[0-9]{13}_[0-9a-f]{8}$`); !id.MatchString(m.SnapshotID) {
		t.Errorf("snapshot_id %s does not match %s", m.SnapshotID, id)
	}
	if f := m.Files[1]; f.Table != "table_0" || f.Path != "/srv/app/index_0.idx" {
		t.Errorf("index file: got table %s and path %s", f.Table, f.Path)
	}
	if other := open(t, small().sources(), snapshot.Options{}).Metadata(); other.SnapshotID == m.SnapshotID {
		t.Errorf("two snapshots have the id %s", m.SnapshotID)
	}
}

// What is wrong with a source whatever its bytes are is said before any is read.
func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(s []snapshot.Source, o *snapshot.Options) []snapshot.Source
		want  string
	}{
		{"no sources", func([]snapshot.Source, *snapshot.Options) []snapshot.Source { return nil }, "metadata lists no files"},
		{"a negative size", func(s []snapshot.Source, _ *snapshot.Options) []snapshot.Source { s[1].File.Size = -1; return s },
			"metadata files[1]: file_size is -1, must not be negative"},
		{"a bad name", func(s []snapshot.Source, _ *snapshot.Options) []snapshot.Source { s[1].File.Name = "../x"; return s },
			"metadata files[1]: file_name '../x'" + badName},
		{"a name twice", func(s []snapshot.Source, _ *snapshot.Options) []snapshot.Source { return append(s, s[1]) },
			"metadata lists file_name 'index_0.idx' twice"},
		{"a negative chunk size", func(s []snapshot.Source, o *snapshot.Options) []snapshot.Source { o.ChunkSize = -1; return s },
			"metadata chunk_size is -1, must be from 1 to 268435456"},
		{"a chunk size too large", func(s []snapshot.Source, o *snapshot.Options) []snapshot.Source { o.ChunkSize = 1 << 40; return s },
			"metadata chunk_size is 1099511627776, must be from 1 to 268435456"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var opt snapshot.Options
			sources := small().sources()
			for i := range sources {
				sources[i].Reader = &reader{err: errors.New("read nevertheless")}
			}
			_, err := snapshot.Open(c.spoil(sources, &opt), opt)
			if err == nil || err.Error() != c.want {
				t.Errorf("\n got %v\nwant %q", err, c.want)
			}
		})
	}
}

func TestOpenErrors(t *testing.T) {
	cause := errors.New("no luck")
	fails, short := &reader{err: cause}, &reader{ReaderAt: bytes.NewReader(make([]byte, 2048)), short: true}
	changed := func() error { return snapshot.ErrChanged }
	for _, c := range []struct {
		name  string
		spoil func(s []snapshot.Source)
		is    error
		want  string
	}{
		{"database cannot be read", func(s []snapshot.Source) { s[0].Reader = fails }, cause, "database.db: read at offset 0: no luck"},
		{"index cannot be read", func(s []snapshot.Source) { s[1].Reader = fails }, cause, "index_0.idx: read at offset 0: no luck"},
		{"database gives less", func(s []snapshot.Source) { s[0].Reader = short }, io.ErrUnexpectedEOF, "database.db: read at offset 0: unexpected EOF"},
		{"index gives less", func(s []snapshot.Source) { s[1].Reader = short }, io.ErrUnexpectedEOF, "index_0.idx: read at offset 0: unexpected EOF"},
		{"index ends early", func(s []snapshot.Source) { s[1].Reader = bytes.NewReader(nil) }, io.ErrUnexpectedEOF, "index_0.idx: read at offset 0: unexpected EOF"},
		{"index changes", func(s []snapshot.Source) { s[1].Unchanged = changed }, snapshot.ErrChanged, "changed while it was read"},
		{"database fails before an index changes", func(s []snapshot.Source) { s[0].Reader, s[1].Unchanged = fails, changed }, cause, "database.db: read at offset 0: no luck"},
		{"a change explains a failure", func(s []snapshot.Source) { s[1].Reader, s[1].Unchanged = fails, changed }, snapshot.ErrChanged, "changed while it was read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sources := small().sources()
			c.spoil(sources)
			_, err := snapshot.Open(sources, snapshot.Options{})
			if !errors.Is(err, c.is) || err.Error() != c.want {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Interrupted ends Open while it reads the database, and while it waits for an
// index file that is slow to read.
func TestOpenInterrupted(t *testing.T) {
	cause := errors.New("stop")
	for _, limit := range []int{0, 2} {
		asked := 0
		_, err := snapshot.Open(files{make([]byte, 4*mib)}.sources(), snapshot.Options{Interrupted: func() error {
			if asked++; asked > limit {
				return cause
			}
			return nil
		}})
		if !errors.Is(err, cause) || asked != limit+1 {
			t.Errorf("got %v after %d questions, want %v after %d", err, asked, cause, limit+1)
		}
	}

	sources := files{{}, indexImage(1, 100)}.sources()
	stop := make(chan struct{})
	slow := &waitingReader{until: stop}
	sources[1].Reader = slow
	_, err := snapshot.Open(sources, snapshot.Options{Interrupted: func() error { close(stop); return cause }})
	if !errors.Is(err, cause) {
		t.Errorf("while an index is read: got %v, want %v", err, cause)
	}
	if !slow.ended.Load() {
		t.Error("Open returned while a goroutine of its own was reading")
	}
}

// A waitingReader gives nothing until a while after until is closed.
type waitingReader struct {
	until chan struct{}
	ended atomic.Bool
}

func (r *waitingReader) ReadAt([]byte, int64) (int, error) {
	<-r.until
	time.Sleep(20 * time.Millisecond)
	r.ended.Store(true)
	return 0, io.EOF
}
