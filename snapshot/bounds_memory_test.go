package snapshot_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

func allocated(f func()) uint64 { return testkit.Allocated(f) }

func heap() int64 { return testkit.InUse() }

// longest is valid metadata of the most bytes, with an array of so many elements
// in a field.
func longest(t testing.TB, name, element string) []byte {
	valid := smallMetadata(t)
	head, tail := strings.TrimSuffix(valid, "}")+`,"`+name+`":[`, element+"]}"
	n := (snapshot.MaxMetadataSize - len(head) - len(tail)) / (len(element) + 1)
	return []byte(head + strings.Repeat(element+",", n) + tail)
}

// What is not kept costs no memory, and what is wrong is said at once.
func TestMetadataMemory(t *testing.T) {
	for _, c := range []struct{ name, field, element, want string }{
		{"objects in a field that is not known", "x", `{"":1}`, ""},
		{"numbers in a field that is not known", "x", `1`, ""},
		{"deep in a field that is not known", "x", `[[[]]]`, ""},
		{"files without a name", "files", `{"":1}`, "metadata has the field 'files' twice"},
	} {
		text := longest(t, c.field, c.element)
		var err error
		if got := allocated(func() { _, err = snapshot.DecodeMetadata(text) }); got > 1<<20 {
			t.Errorf("%s: %d bytes were allocated for a text of %d", c.name, got, len(text))
		}
		if got := fmt.Sprint(err); c.want == "" && err != nil || c.want != "" && got != c.want {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	text := []byte(strings.Replace(string(longest(t, "x", `{"":1}`)), `"files":[`, `"o":[`, 1))
	text = []byte(strings.Replace(string(text), `"x":[`, `"files":[`, 1))
	var err error
	if got := allocated(func() { _, err = snapshot.DecodeMetadata(text) }); got > 1<<20 {
		t.Errorf("files: %d bytes were allocated", got)
	}
	if want := "metadata files[0] lacks the field file_name"; fmt.Sprint(err) != want {
		t.Errorf("files: got %v, want %q", err, want)
	}
}

// A long text can be interrupted, in a row too.
func TestMetadataInterrupted(t *testing.T) {
	stop, asked := errors.New("stop"), 0
	v := snapshot.NewVerifier(vectorlite.Check, nil, func() error {
		if asked++; asked == 10 {
			return stop
		}
		return nil
	})
	defer v.Close()
	if err := v.Add(&snapshot.Row{Kind: snapshot.KindMetadata, Metadata: string(longest(t, "x", `{"":1}`))}); !errors.Is(err, stop) {
		t.Errorf("got %v after %d questions, want stop", err, asked)
	}
}

// Rows that waited for their metadata can be interrupted when it comes.
func TestEarlyRowsInterrupted(t *testing.T) {
	rows, stop := small().rows(t, smallChunk), errors.New("stop")
	v := snapshot.NewVerifier(vectorlite.Check, nil, func() error { return stop })
	defer v.Close()
	if err := v.Add(&rows[5]); err != nil {
		t.Fatal(err)
	}
	if err := v.Add(&rows[0]); !errors.Is(err, stop) {
		t.Errorf("got %v, want stop", err)
	}
}

// Whatever seq the rows have, each costs 64 bytes of memory at most.
func TestSparseRowsMemory(t *testing.T) {
	const n = 200000
	for _, far := range []int64{64, 4096, 1 << 40} {
		var s snapshot.SeqSet
		before := heap()
		for i := range int64(n) {
			s.Add(far*i + 7)
		}
		if got := (heap() - before) / n; got > 64 {
			t.Errorf("rows %d apart: %d bytes each", far, got)
		}
		runtime.KeepAlive(s)
	}
}
