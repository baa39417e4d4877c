package snapshot_test

import (
	"io"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// A gigabyte through a pipe, into a directory, needs no gigabyte of memory.
func TestTarMemory(t *testing.T) {
	const size = 1 << 30
	source := snapshot.Source{
		File:   snapshot.File{Name: snapshot.DatabaseName, Type: snapshot.TypeDatabase, Size: size, PageSize: pageSize},
		Reader: zeroReader{},
	}
	s, err := snapshot.Open([]snapshot.Source{source}, snapshot.Options{ChunkSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got := allocated(func() {
		in, out := io.Pipe()
		go func() { out.CloseWithError(copyTar(out, s)) }()
		v := snapshot.NewVerifier(vectorlite.Check, nil, nil)
		defer v.Close()
		if err := snapshot.ReadTar(in, v.Add); err != nil {
			t.Fatal(err)
		}
		if verdict, err := v.Result(); err != nil || verdict != "ok" {
			t.Fatal(verdict, err)
		}
		if _, err := in.Read(make([]byte, 1)); !isEnd(err) { // the stream is read no more
			t.Fatal(err)
		}
	})
	if got > 32<<20 { // the blocks of a stream and of a verifier
		t.Errorf("%d bytes were allocated for %d", got, int64(size))
	}
}

func copyTar(w io.Writer, s *snapshot.Stream) error {
	_, err := s.Tar().WriteTo(w)
	return err
}

type zeroReader struct{}

func (zeroReader) ReadAt(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}
