package snapshot_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/zst"
)

// frame is one that holds so much.
func frame(plain []byte) []byte { return zst.NewEncoder(false).Append(nil, plain) }

// repeated is a frame by hand, of blocks that are one byte n times: it says that it holds
// so many bytes, or nothing of it with -1.
func repeated(holds int64, blocks, n int) []byte {
	b := []byte{0x28, 0xB5, 0x2F, 0xFD, 0, (17 - 10) << 3}
	if holds >= 0 {
		b[4] = 3 << 6
		for i := range 8 {
			b = append(b, byte(holds>>(8*i)))
		}
	}
	for i := range blocks {
		bits := n<<3 | 1<<1
		if i == blocks-1 {
			bits |= 1
		}
		b = append(b, byte(bits), byte(bits>>8), byte(bits>>16), 'x')
	}
	return b
}

// Each case puts other data into a row that is a frame. Verify says the sentence, restore
// fails with the same one and leaves nothing behind. So it is with chunks that are gathered
// into blocks and with one that is larger.
func TestPackedDamage(t *testing.T) {
	for _, at := range []struct {
		f         files
		chunkSize int
		row       snapshot.Row // seq, name, offset
	}{
		{files{prose(10240), indexImage(2, 54)}, smallChunk, snapshot.Row{Seq: 7, FileName: "database.db", Offset: 3000}},
		{files{prose(10240), indexImage(2, 54)}, smallChunk, snapshot.Row{Seq: 2, FileName: "index_0.idx", Offset: 1000}},
		{files{prose(5 * mib), indexImage(2, 54)}, 2 * mib, snapshot.Row{Seq: 3, FileName: "database.db", Offset: 2 * mib}},
	} {
		whole := at.f[0]
		if at.row.FileName != snapshot.DatabaseName {
			whole = at.f[1]
		}
		n := at.chunkSize
		plain := whole[at.row.Offset:][:n]
		good := frame(plain)
		place := fmt.Sprintf("%s: row with seq %d", at.row.FileName, at.row.Seq)
		other := slices.Clone(whole)
		copy(other[at.row.Offset:], make([]byte, n))
		unsaid := func(small string) string {
			if n <= 128<<10 {
				return small
			}
			return fmt.Sprintf("%s: the zstd frame does not say how many bytes it holds, must say %d", place, n)
		}
		size := func(n int) string {
			return fmt.Sprintf("%s has %d bytes of data, must have %d or be a zstd frame", place, n, at.chunkSize)
		}
		for _, c := range []struct {
			name string
			data []byte
			want string
		}{
			{"no frame", plain[:99], size(99)},
			{"nothing", nil, size(0)},
			{"a byte", good[:1], size(1)},
			{"no whole magic number", good[:3], size(3)},
			{"a magic number alone", good[:4], place + ": the header of the zstd frame is cut"},
			{"a frame that is cut", good[:len(good)-1], place + ": the zstd frame is cut"},
			{"a frame cut in the middle", good[:len(good)/2], place + ": the zstd frame is cut"},
			{"a byte behind it", append(slices.Clone(good), 0), place + ": 1 bytes follow the zstd frame"},
			{"two frames", slices.Concat(frame(plain[:n/2]), frame(plain[n/2:])), fmt.Sprintf("%s: %d bytes follow the zstd frame", place, len(frame(plain[n/2:])))},
			{"a byte less", frame(plain[:n-1]), fmt.Sprintf("%s: the zstd frame holds %d bytes, must hold %d", place, n-1, n)},
			{"a byte more", frame(whole[at.row.Offset:][:n+1]), fmt.Sprintf("%s: the zstd frame holds %d bytes, must hold %d", place, n+1, n)},
			{"a terabyte", repeated(1<<40, 1, 500), fmt.Sprintf("%s: the zstd frame holds 1099511627776 bytes, must hold %d", place, n)},
			{"more, and it does not say", repeated(-1, n/500+1, 500), unsaid(fmt.Sprintf("%s: the zstd frame holds more than %d bytes", place, n))},
			{"less, and it does not say", repeated(-1, 1, 500), unsaid(fmt.Sprintf("%s: the zstd frame holds 500 bytes, must hold %d", place, n))},
			{"less than it says", repeated(int64(n), 1, 500), place + ": the zstd frame is damaged: frame size does not match size on stream"},
			{"a reserved block", append(repeated(int64(n), 0, 0), 7, 0, 0), place + ": the zstd frame is damaged: invalid input: reserved block type encountered"},
			{"a frame to be skipped", []byte{0x50, 0x2A, 0x4D, 0x18, 1, 0, 0, 0, 'x'}, size(9)},
			{"a frame to be skipped before it", append([]byte{0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0}, good...), size(8 + len(good))},
			{"a dictionary", []byte{0x28, 0xB5, 0x2F, 0xFD, 1, 0, 7, 1, 0, 0}, place + ": a zstd frame needs the dictionary 7, must need none"},
			{"longer than its place", frame(noise(1, n)), fmt.Sprintf("%s has %d bytes of data, must have %d", place, len(frame(noise(1, n))), n)},
			{"a good frame of other bytes", frame(make([]byte, n)), fmt.Sprintf("%s: checksum mismatch: the end record says %s, the rows give %s", at.row.FileName, testkit.Checksum(whole, n), testkit.Checksum(other, n))},
		} {
			t.Run(fmt.Sprintf("%d in chunks of %d/%s", at.row.Seq, n, c.name), func(t *testing.T) {
				rows := at.f.packedRows(t, int64(n))
				if r := rows[at.row.Seq]; r.FileName != at.row.FileName || r.Offset != at.row.Offset || len(r.Data) != len(good) {
					t.Fatalf("the row is of %s at %d with %d bytes of data", r.FileName, r.Offset, len(r.Data))
				}
				rows[at.row.Seq].Data = c.data
				wantDamage(t, rows, c.want)
			})
		}
	}
}

// wantDamage says what verify and restore say.
func wantDamage(t *testing.T, damaged rows, want string) {
	t.Helper()
	if got := verify(t, nil, damaged); got != want {
		t.Errorf("verify\n got %q\nwant %q", got, want)
	}
	parent := t.TempDir()
	_, err := restore(filepath.Join(parent, "out"), snapshot.RestoreOptions{FS: hastyFS{snapshot.OS}}, damaged)
	if err == nil || err.Error() != want || !errors.Is(err, snapshot.ErrDamaged) {
		t.Errorf("restore\n got %v\nwant %q", err, want)
	}
	if left := list(t, parent); len(left) != 0 {
		t.Errorf("restore left %q", left)
	}
}

// Of several rows that are damaged the first is named, however many goroutines look.
func TestPackedDamageFirst(t *testing.T) {
	f := files{prose(12 * mib)}
	for range 5 {
		rows := f.packedRows(t, 65536)
		for _, seq := range []int{150, 40, 41, 100} {
			rows[seq].Data = rows[seq].Data[:len(rows[seq].Data)-1]
		}
		wantDamage(t, rows, "database.db: row with seq 40: the zstd frame is cut")
	}
}

// Whatever a frame says, a row takes the memory of its place.
func TestPackedRowMemory(t *testing.T) {
	const chunk = 32 * mib
	f := files{make([]byte, chunk)}
	rows := f.packedRows(t, chunk)
	for _, c := range []struct {
		name string
		data []byte
		most uint64
		want string
	}{
		{"good", rows[1].Data, chunk, "ok"},
		{"that says a terabyte", repeated(1<<40, 8000, 128<<10), chunk, "database.db: row with seq 1: the zstd frame holds 1099511627776 bytes, must hold 33554432"},
		{"that has a gigabyte and does not say so", repeated(-1, 8000, 128<<10), chunk, "database.db: row with seq 1: the zstd frame does not say how many bytes it holds, must say 33554432"},
		{"that has a gigabyte and lies", repeated(chunk, 8000, 128<<10), chunk, "database.db: row with seq 1: the zstd frame holds more than 33554432 bytes"},
	} {
		rows[1].Data = c.data
		var verdict string
		got := allocated(func() { verdict = verify(t, nil, rows) })
		if verdict != c.want {
			t.Errorf("a frame %s: %s", c.name, verdict)
		}
		if got > c.most+4*mib {
			t.Errorf("a frame %s: %d bytes were allocated for a place of %d", c.name, got, chunk)
		}
	}
}
