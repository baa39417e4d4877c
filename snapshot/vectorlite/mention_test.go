package vectorlite_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

func mentions(t *testing.T, b []byte) bool {
	t.Helper()
	got, err := vectorlite.Mentions(snapshot.Part{File: &snapshot.File{Size: int64(len(b))}, ReaderAt: bytes.NewReader(b)})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// spellings are the module's name in the encodings of SQLite.
var spellings = map[string][]byte{
	"UTF-8":    []byte("VectorLite"),
	"UTF-16le": []byte("v\x00E\x00c\x00t\x00o\x00r\x00l\x00i\x00t\x00e\x00"),
	"UTF-16be": []byte("\x00v\x00E\x00c\x00t\x00o\x00r\x00l\x00i\x00t\x00e"),
}

// The module's name is found wherever SQLite can have put it.
func TestMentions(t *testing.T) {
	const size = 2<<20 + 512
	if mentions(t, make([]byte, size)) || mentions(t, nil) {
		t.Error("a name where there is none")
	}
	for encoding, name := range spellings {
		for _, at := range []int{0, 700, 1<<20 - len(name), 1 << 20, size - len(name)} {
			b := make([]byte, size)
			copy(b[at:], name)
			if !mentions(t, b) {
				t.Errorf("%s at %d is not found", encoding, at)
			}
		}
		for i := 1; i < len(name); i++ { // a cell's local part, and an overflow page
			b := make([]byte, size)
			copy(b[900-i:], name[:i])
			copy(b[3*512+4:], name[i:])
			if !mentions(t, b) {
				t.Errorf("%s in parts of %d bytes is not found", encoding, i)
			}
			b = make([]byte, size) // the overflow page comes first, and far away
			copy(b[1<<20+900-i:], name[:i])
			copy(b[3*512+4:], name[i:])
			if !mentions(t, b) {
				t.Errorf("%s in parts of %d bytes is not found in another order", encoding, i)
			}
		}
	}
}

// What only resembles it is no reason to refuse a restore.
func TestMentionsNothing(t *testing.T) {
	b := make([]byte, 1<<20)
	copy(b[700:], "vector")
	copy(b[3*512+5:], "lite") // where no overflow page begins
	copy(b[4*512+4:], "ite")
	if mentions(t, b) {
		t.Error("a name in parts that do not fit")
	}
	if mentions(t, testkit.Noise(1, 1<<20)) {
		t.Error("a name in noise")
	}
}

func TestMentionsOfAFileThatEnds(t *testing.T) {
	_, err := vectorlite.Mentions(snapshot.Part{File: &snapshot.File{Size: 1000}, ReaderAt: bytes.NewReader(make([]byte, 999))})
	if err == nil {
		t.Error("no error")
	}
	stop := errors.New("stop")
	_, err = vectorlite.Mentions(snapshot.Part{File: &snapshot.File{Size: 1000}, ReaderAt: stopped{stop}})
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want %v", err, stop)
	}
}

type stopped struct{ error }

func (s stopped) ReadAt([]byte, int64) (int, error) { return 0, s.error }
