package zst_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A pieced stream is parts, and what each of them holds.
type pieced struct{ parts, plains [][]byte }

// streams are a few hundred bytes long. In the first every frame says what it holds; the
// others have some that do not, from which on the decoder streams.
func streams(t testing.TB) map[string]pieced {
	a, b, c := prose(260), slices.Concat(noise(1, 60), make([]byte, 500)), prose(280)
	skip := skippable([]byte("skipped"))
	unsized := func(p []byte) []byte { return program(t, p, "--check") }
	return map[string]pieced{
		"of small frames":         {[][]byte{framed(true, a), skip, framed(true, b), framed(true, c)}, [][]byte{a, nil, b, c}},
		"of large ones":           {[][]byte{unsized(a), unsized(b), skip, unsized(c)}, [][]byte{a, b, nil, c}},
		"of a small and large":    {[][]byte{skip, framed(true, a), unsized(b), unsized(c)}, [][]byte{nil, a, b, c}},
		"of small ones and large": {[][]byte{framed(true, a), unsized(b), skip, framed(true, c)}, [][]byte{a, b, nil, c}},
	}
}

// A stream that is cut ends as one does where it is cut between two frames, and is an
// unexpected end elsewhere. What was whole before came out.
func TestReaderCut(t *testing.T) {
	for name, s := range streams(t) {
		stream, plain := slices.Concat(s.parts...), slices.Concat(s.plains...)
		ends := map[int]int{0: 0} // of parts, with how much is held until there
		for i := range s.parts {
			ends[len(slices.Concat(s.parts[:i+1]...))] = len(slices.Concat(s.plains[:i+1]...))
		}
		whole := 0
		for n := range len(stream) + 1 {
			got, err := readAll(bytes.NewReader(stream[:n]))
			held, end := ends[n]
			if end {
				whole = held
			}
			if end && (err != nil || len(got) != held) || !end && (!errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, fault.ErrDamaged)) || len(got) < whole || !bytes.HasPrefix(plain, got) {
				t.Errorf("%s, %d of %d bytes, an end: %t: got %d bytes, %v", name, n, len(stream), end, len(got), err)
			}
		}
	}
}

// An error of what is read comes out, wherever it comes, also where it looks like an end.
func TestReaderInputFails(t *testing.T) {
	boom := errors.New("boom")
	for name, s := range streams(t) {
		stream, plain := slices.Concat(s.parts...), slices.Concat(s.plains...)
		for n := range len(stream) + 1 {
			for _, want := range []error{boom, io.ErrUnexpectedEOF, fmt.Errorf("the line broke: %w", boom)} {
				got, err := readAll(io.MultiReader(bytes.NewReader(stream[:n]), iotest.ErrReader(want)))
				if !errors.Is(err, want) || !bytes.HasPrefix(plain, got) {
					t.Errorf("%s, %v after %d of %d bytes: got %d bytes, %v", name, want, n, len(stream), len(got), err)
				}
			}
		}
	}
}

// Whichever byte changes, what comes out is right as far as it goes, and an error says
// that it does not go on.
func TestReaderChanged(t *testing.T) {
	for name, s := range streams(t) {
		stream, plain := slices.Concat(s.parts...), slices.Concat(s.plains...)
		damaged := 0
		for i := range stream {
			for _, change := range []byte{1, 4, 32, 128, 255} {
				changed := slices.Clone(stream)
				changed[i] ^= change
				got, err := readAll(bytes.NewReader(changed))
				if errors.Is(err, fault.ErrDamaged) {
					damaged++
				} else if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) { // a block that is longer than the stream
					t.Errorf("%s, byte %d changed by %d: %v", name, i, change, err)
				}
				if err == nil && !bytes.Equal(got, plain) {
					t.Errorf("%s, byte %d changed by %d: got other bytes and no error", name, i, change)
				}
			}
		}
		if damaged < len(stream) {
			t.Errorf("%s: %d changes of %d bytes were damage", name, damaged, len(stream))
		}
	}
}
