package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/zst"
)

// A SavedReader gives the rows of a saved file: a tar stream, plain or in zstd frames, which
// its first bytes tell. Nothing but zeros may follow it, and no more of them than tar
// programs write. It is for one goroutine; Close ends its goroutines, gives the memory up, and
// may be called twice.
type SavedReader struct {
	*TarReader
	name string // of the file, for errors
	in   io.Reader
	zst  *zst.Reader // nil where nothing is compressed
}

// NewSavedReader reads r, which stays open. name is the file's, for errors, or empty;
// interrupted is asked as in Options. A nil newBlock means Go memory.
func NewSavedReader(r io.Reader, name string, interrupted func() error, newBlock func(size int) Block) *SavedReader {
	interrupted = orNever(interrupted)
	s := &SavedReader{name: name}
	r = asking{r, interrupted}
	var magic [4]byte
	n, err := io.ReadFull(r, magic[:])
	s.in = io.MultiReader(bytes.NewReader(magic[:n]), r)
	if zst.IsStream(magic[:n]) {
		s.zst = zst.NewReader(s.in)
		s.in = asking{s.zst, interrupted} // a few bytes may hold gigabytes
	}
	s.TarReader = NewTarReader(s.in, newBlock)
	s.interrupted = interrupted
	program := compressedBy(magic[:n])
	switch {
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		s.err = s.unreadable(tarMetadata, err)
	case program != "":
		s.err = fault.Damaged("it is compressed with %s, must be a tar file, plain or compressed with zstd; decompress it with %[1]s -d first", program)
	}
	return s
}

// compressedBy is the program that compressed a file that begins so, where it is not zstd.
func compressedBy(magic []byte) string {
	for program, begin := range map[string]string{"gzip": "\x1F\x8B", "xz": "\xFD7zX", "bzip2": "BZh"} {
		if strings.HasPrefix(string(magic), begin) {
			return program
		}
	}
	return ""
}

// Next goes to the next row, as that of a TarReader. Its errors name the file.
func (s *SavedReader) Next() (bool, error) {
	more, err := s.TarReader.Next()
	if err == nil && more && s.row.Kind == KindEnd {
		err = s.rest()
		s.err = err
	}
	if err != nil && s.name != "" {
		err = fmt.Errorf("%s: %w", fault.Quote(s.name), err)
	}
	return more && err == nil, err
}

// rest reads what follows the tar stream.
func (s *SavedReader) rest() error {
	buf := make([]byte, 32<<10)
	for read := 0; ; {
		n, err := s.in.Read(buf)
		if read += n; len(bytes.Trim(buf[:n], "\x00")) > 0 {
			return fault.Damaged("other bytes than zeros follow the end of the tar stream")
		}
		switch {
		case read > tarRecord: // a sparse file may have terabytes
			return fault.Damaged("more than %d zeros follow the end of the tar stream, must be at most so many; cut the file there", tarRecord)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return s.unreadable("the end of the file", err)
		}
	}
}

// Close ends the goroutines.
func (s *SavedReader) Close() {
	s.Drop()
	if s.zst != nil {
		s.zst.Close()
	}
}

// An asking reader asks before each read whether to go on.
type asking struct {
	io.Reader
	interrupted func() error
}

func (a asking) Read(p []byte) (int, error) {
	if err := a.interrupted(); err != nil {
		return 0, err
	}
	return a.Reader.Read(p)
}
