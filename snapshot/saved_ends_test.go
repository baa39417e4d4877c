package snapshot_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// Once it has ended, or failed, or was closed, it goes on to say so; and Close gives up
// its memory, wherever it is.
func TestSavedEnds(t *testing.T) {
	for how, whole := range small().compressions(t, smallChunk) {
		for rows := range smallEnd + 2 {
			var made blocks
			s := snapshot.NewSavedReader(bytes.NewReader(whole), "x.tar", nil, made.newBlock)
			for range rows {
				if more, err := s.Next(); !more || err != nil {
					t.Fatal(more, err)
				}
			}
			if rows == smallEnd+1 {
				for range 2 {
					if more, err := s.Next(); more || err != nil {
						t.Errorf("%s: after the end: %t, %v", how, more, err)
					}
				}
			}
			s.Close()
			s.Close()
			made.wantReleased(t, how)
			s.Drop()
			made.wantReleased(t, how+", dropped too")
			if more, err := s.Next(); more || err == nil || err.Error() != "'x.tar': closed already: rows come before Close" {
				t.Errorf("%s: after Close: %t, %v", how, more, err)
			}
		}
		s := snapshot.NewSavedReader(bytes.NewReader(whole[:len(whole)/2]), "x.tar", nil, nil)
		var first error
		for first == nil {
			_, first = s.Next()
		}
		if more, err := s.Next(); more || err == nil || err.Error() != first.Error() {
			t.Errorf("%s: after %v: %t, %v", how, first, more, err)
		}
		s.Close()
	}
}

// It asks whether to go on, however much a few bytes hold.
func TestSavedInterrupted(t *testing.T) {
	stop := errors.New("stop")
	f := files{make([]byte, 76*mib)}
	for how, whole := range f.compressions(t, 65536) {
		zeros := make([]byte, mib)
		if how == "zstd" {
			zeros = through(t, zeros, "zstd", "-c")
		}
		whole = append(whole, zeros...)
		for after := 0; ; after++ {
			asked := 0
			s := snapshot.NewSavedReader(bytes.NewReader(whole), "x.tar", func() error {
				if asked++; asked > after {
					return stop
				}
				return nil
			}, nil)
			more, err := true, error(nil)
			for more && err == nil {
				more, err = s.Next()
			}
			s.Close()
			if err == nil {
				if after < 76 { // once for each MiB
					t.Errorf("%s: asked %d times for 76 MiB", how, after)
				}
				break
			}
			if !errors.Is(err, stop) {
				t.Fatalf("%s: after %d questions: %v", how, after, err)
			}
			after += after / 4 // not at every single one
		}
	}
}

// It asks about every megabyte, however long a row is.
func TestSavedAsksInALongRow(t *testing.T) {
	in := &largest{Reader: bytes.NewReader(files{make([]byte, 24*mib)}.tar(t, snapshot.Options{ChunkSize: 24 * mib}))}
	s := snapshot.NewSavedReader(in, "x.tar", nil, nil)
	defer s.Close()
	for more := true; more; {
		var err error
		if more, err = s.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if in.most > mib {
		t.Errorf("%d bytes were read at once", in.most)
	}
}

// largest tells what was read at once.
type largest struct {
	io.Reader
	most int
}

func (l *largest) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	l.most = max(l.most, n)
	return n, err
}

// Metadata that takes long to read can be interrupted.
func TestSavedMetadataInterrupted(t *testing.T) {
	text := longest(t, "x", `{"":1}`)
	stop, file := errors.New("stop"), new(bytes.Buffer)
	w := tar.NewWriter(file)
	if err := w.WriteHeader(&tar.Header{Name: "metadata.json", Size: int64(len(text)), Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	in := bytes.NewReader(file.Bytes())
	s := snapshot.NewSavedReader(in, "x.tar", func() error {
		if in.Len() == 0 { // all of it was read
			return stop
		}
		return nil
	}, nil)
	defer s.Close()
	if _, err := s.Next(); !errors.Is(err, stop) || err.Error() != "'x.tar': stop" {
		t.Errorf("got %v, want stop", err)
	}
}
