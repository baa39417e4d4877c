package snapshot_test

import (
	"errors"
	"regexp"
	"slices"
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
	if f := m.Files[0]; f.Table != "table_0" || f.Path != "/srv/app/index_0.idx" || f.ModifiedAt != 1700000000123 {
		t.Errorf("index file: got table %s, path %s, modified_at %d", f.Table, f.Path, f.ModifiedAt)
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
		{"a negative size", func(s []snapshot.Source, _ *snapshot.Options) []snapshot.Source { s[0].File.Size = -1; return s },
			"metadata files[0]: file_size is -1, must not be negative"},
		{"a bad name", func(s []snapshot.Source, _ *snapshot.Options) []snapshot.Source { s[0].File.Name = "../x"; return s },
			"metadata files[0]: file_name '../x'" + badName},
		{"a name twice", func(s []snapshot.Source, _ *snapshot.Options) []snapshot.Source { return append(s[:1], s...) },
			"metadata files[1]: file_name 'index_0.idx' is the same as 'index_0.idx' where case does not count; it must be another"},
		{"a database first", func(s []snapshot.Source, _ *snapshot.Options) []snapshot.Source { slices.Reverse(s); return s },
			"metadata files[1]: file_type is 'hnsw_index', must be 'sqlite_db': the databases come after all other files"},
		{"no database", func(s []snapshot.Source, _ *snapshot.Options) []snapshot.Source { return s[:1] },
			"metadata lists no file of type 'sqlite_db', which a snapshot has as its last"},
		{"a negative chunk size", func(s []snapshot.Source, o *snapshot.Options) []snapshot.Source { o.ChunkSize = -1; return s },
			"metadata chunk_size is -1, must be from 512 to 268435456"},
		{"a chunk size too large", func(s []snapshot.Source, o *snapshot.Options) []snapshot.Source { o.ChunkSize = 1 << 40; return s },
			"metadata chunk_size is 1099511627776, must be from 512 to 268435456"},
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
