package snapshot_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/zst"
)

// mutate reads three bytes an operation on the rows: what, which row, how.
func mutate(rows []snapshot.Row, ops []byte) []snapshot.Row {
	for ; len(ops) >= 3 && len(rows) > 0; ops = ops[3:] {
		i, how := int(ops[1])%len(rows), ops[2]
		j := int(how) % len(rows)
		r := &rows[i]
		switch ops[0] % 10 {
		case 0:
			rows = slices.Delete(rows, i, i+1)
		case 1:
			rows = slices.Insert(rows, j, *r)
		case 2:
			rows[i], rows[j] = rows[j], rows[i]
		case 3:
			if len(r.Data) > 0 {
				r.Data = slices.Clone(r.Data)
				r.Data[int(how)%len(r.Data)] ^= 1 << (how % 8)
			}
		case 4:
			r.Kind = snapshot.Kind(how % 3)
		case 5:
			r.Last = !r.Last
		case 6:
			r.Offset += int64(int8(how))
		case 7:
			r.Seq, rows[j].Seq = rows[j].Seq, r.Seq
		case 8:
			if how%2 == 0 {
				r.Data = r.Data[:len(r.Data)*int(how)/256]
			} else {
				r.Data = append(slices.Clone(r.Data), how)
			}
		case 9:
			if r.Metadata != "" {
				b := []byte(r.Metadata)
				b[(int(ops[1])<<8|int(how))%len(b)] ^= 1 << (how % 8)
				r.Metadata = string(b)
			} else {
				r.FileName, rows[j].FileName = rows[j].FileName, r.FileName
			}
		}
	}
	return rows
}

// essence is what a row says, without the fields that its kind does not have.
func essence(rows []snapshot.Row) (all []string) {
	for _, r := range rows {
		text := r.Metadata
		if r.Kind == snapshot.KindChunk {
			text = fmt.Sprintf("%q %d %x", r.FileName, r.Offset, r.Data)
		}
		all = append(all, fmt.Sprintf("%d %d %t %s", r.Seq, r.Kind, r.Last, text))
	}
	slices.Sort(all)
	return all
}

// Verify says ok only to the rows of the snapshot, in some order, and restore
// says what verify says.
func FuzzAssembler(f *testing.F) {
	original := small().rows(f, smallChunk)
	want := essence(original)
	f.Add([]byte{})
	for op := range byte(10) {
		f.Add([]byte{op, 4, 9})
		f.Add([]byte{2, 0, 15, op, 14, 2, 2, 3, 7})
	}
	f.Add([]byte{2, 1, 2, 7, 1, 2})
	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) > 3*200 {
			return
		}
		rows := mutate(slices.Clone(original), ops)
		got := essence(rows)
		verdict := verify(t, nil, rows)
		if !isOneLine(verdict) {
			t.Errorf("verify says %q", verdict)
		}
		if same := cmp.Equal(got, want); (verdict == "ok") != same {
			t.Errorf("verify says %q, the rows are the same: %t", verdict, same)
		}
		wantRestored(t, rows, verdict, small())
	})
}

// wantRestored says that restore says what verify does, and restores f where that is ok.
func wantRestored(t *testing.T, rows []snapshot.Row, verdict string, f files) {
	t.Helper()
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	_, err := restore(dir, snapshot.RestoreOptions{FS: hastyFS{snapshot.OS}}, rows)
	switch {
	case err == nil && verdict == "ok":
		wantFiles(t, dir, f)
	case err == nil || err.Error() != verdict:
		t.Errorf("verify says %q, restore %v", verdict, err)
	case len(list(t, parent)) > 0:
		t.Errorf("a failed restore left %q", list(t, parent))
	}
}

// unpacked are the rows with their plain bytes: those whose data is a frame for the
// place that the original says.
func unpacked(rows, original []snapshot.Row) []snapshot.Row {
	rows, dec := slices.Clone(rows), zst.NewDecoder()
	for i := range rows {
		r := &rows[i]
		if r.Kind != snapshot.KindChunk || r.Seq < 0 || r.Seq >= int64(len(original)) {
			continue
		}
		if n := len(original[r.Seq].Data); len(r.Data) < n {
			if plain := make([]byte, n); dec.Fill(plain, r.Data) == nil {
				r.Data = plain
			}
		}
	}
	return rows
}

// So it is where some of the rows are frames, and those are changed.
func FuzzPackedRows(f *testing.F) {
	whole := files{prose(10240), indexImage(2, 54)}
	original := whole.rows(f, smallChunk)
	frames := whole.packedRows(f, smallChunk)
	want := essence(original)
	f.Add(uint16(0xffff), []byte{})
	for op := range byte(10) {
		f.Add(uint16(0xffff), []byte{op, 4, 9})
		f.Add(uint16(0x5555), []byte{2, 0, 15, op, 14, 2, 2, 3, 7})
		f.Add(uint16(0xaaaa), []byte{3, 8, 4, 8, 6, op})
	}
	f.Fuzz(func(t *testing.T, packed uint16, ops []byte) {
		if len(ops) > 3*200 {
			return
		}
		rows := slices.Clone(original)
		for i := range rows {
			if packed>>i&1 == 1 {
				rows[i].Data = frames[i].Data
			}
		}
		rows = mutate(rows, ops)
		verdict := verify(t, nil, rows)
		if !isOneLine(verdict) {
			t.Errorf("verify says %q", verdict)
		}
		if same := cmp.Equal(essence(unpacked(rows, original)), want); (verdict == "ok") != same {
			t.Errorf("verify says %q, the rows are the same: %t", verdict, same)
		}
		wantRestored(t, rows, verdict, whole)
	})
}
