package snapshot_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/vxsnap/vxsnap/snapshot"
)

// Every piece is as long as it has to be, and only the last one is shorter.
func TestPiecesSizes(t *testing.T) {
	for _, c := range []struct{ stream, size int }{
		{0, 512}, {1, 512}, {511, 512}, {512, 512}, {513, 512}, {1024, 512},
		{3*mib + 5, 512}, {3*mib + 5, 1000}, {3 * mib, mib}, {3*mib - 1, mib}, {3*mib + 1, mib},
		{3*mib + 5, mib + 1}, {5 * mib, 2 * mib}, {2*mib - 1, 2 * mib}, {100, snapshot.MaxChunkSize},
	} {
		whole := noise(7, c.stream)
		for how, in := range map[string]io.Reader{
			"whole": bytes.NewReader(whole), "half": iotest.HalfReader(bytes.NewReader(whole)), "end with the bytes": iotest.DataErrReader(bytes.NewReader(whole)),
		} {
			var made blocks
			p := snapshot.NewPieces(in, int64(c.size), made.newBlock)
			var got []byte
			for last := false; ; {
				piece, err := p.Next(-1)
				if err != nil && !isEnd(err) || last && len(piece) > 0 || len(piece) < c.size && err == nil {
					t.Fatalf("%d bytes in pieces of %d, %s: after %d bytes a piece of %d, %v", c.stream, c.size, how, len(got), len(piece), err)
				}
				got = append(got, piece...)
				if last = isEnd(err); len(piece) == 0 {
					break
				}
			}
			if !bytes.Equal(got, whole) {
				t.Errorf("%d bytes in pieces of %d, %s: other bytes", c.stream, c.size, how)
			}
			p.Drop()
			p.Drop()
			made.wantReleased(t, fmt.Sprintf("%d bytes in pieces of %d, %s", c.stream, c.size, how))
		}
	}
}

// Of a stream that goes on no more is read than was asked for.
func TestPiecesOfSomeBytes(t *testing.T) {
	for _, size := range []int64{700, 2 * mib} {
		in := bytes.NewReader(noise(7, 5*mib))
		p := snapshot.NewPieces(in, size, nil)
		for left := int64(3*mib + 100); left > 0; left -= size {
			if piece, err := p.Next(left); err != nil || int64(len(piece)) != min(size, left) {
				t.Fatalf("with %d bytes left: a piece of %d, %v", left, len(piece), err)
			}
		}
		if piece, err := p.Next(0); err != nil || len(piece) != 0 || in.Len() != 2*mib-100 {
			t.Errorf("with no byte left: a piece of %d, %v; the stream has %d more", len(piece), err, in.Len())
		}
		// The stream ends before what it should have.
		if _, err := p.Next(3 * mib); size == 2*mib && !isEnd(err) {
			t.Errorf("a stream that ends: %v", err)
		}
	}
}

// A piece stays what it is for as long as somebody has it; memory that nobody has is
// used again, and there are never more than two blocks.
func TestPiecesShared(t *testing.T) {
	for _, size := range []int{16384, mib / 2, mib, mib + 512, 3 * mib} {
		whole := noise(7, 6*mib)
		for keep := range 3 { // none, each until the next has come, and for good
			var made blocks
			p := snapshot.NewPieces(bytes.NewReader(whole), int64(size), made.newBlock)
			var all []kept
			for at := 0; ; {
				piece, err := p.Next(-1)
				if err != nil && !isEnd(err) {
					t.Fatal(err)
				}
				if len(piece) == 0 {
					break
				}
				b := made[slices.IndexFunc(made, func(b *block) bool { return b.released == 0 && b.has(piece) })]
				if keep > 0 {
					b.users++
					all = append(all, kept{at, piece, b})
				}
				if keep == 1 && len(all) > 1 {
					all[0].block.users--
					all = all[1:]
				}
				at += len(piece)
				if keep == 1 {
					wantKept(t, whole, all)
				}
			}
			wantKept(t, whole, all)
			used := 0
			for _, b := range made {
				if b.released == 0 {
					used++
				}
			}
			if used > 2 || keep < 2 && size <= mib && len(made) > 2 {
				t.Errorf("pieces of %d, kept %d: %d blocks were made, %d are not released", size, keep, len(made), used)
			}
			p.Drop()
			made.wantReleased(t, fmt.Sprintf("pieces of %d, kept %d", size, keep))
		}
	}
}

// kept is a piece that somebody has.
type kept struct {
	at    int
	bytes []byte
	block *block
}

func wantKept(t *testing.T, whole []byte, all []kept) {
	t.Helper()
	for _, k := range all {
		if !bytes.Equal(k.bytes, whole[k.at:k.at+len(k.bytes)]) {
			t.Fatalf("pieces of %d: the piece at %d was overwritten while somebody had it", len(k.bytes), k.at)
		}
	}
}

// A piece of which little comes costs little.
func TestPiecesGrow(t *testing.T) {
	for _, came := range []int{0, 1, mib / 4, mib/4 + 1, 3 * mib} {
		var made blocks
		p := snapshot.NewPieces(bytes.NewReader(noise(7, came)), snapshot.MaxChunkSize, made.newBlock)
		piece, err := p.Next(snapshot.MaxChunkSize)
		if !isEnd(err) || !bytes.Equal(piece, noise(7, came)) {
			t.Errorf("%d bytes came: a piece of %d, %v", came, len(piece), err)
		}
		total := 0
		for _, b := range made {
			total += len(b.bytes)
		}
		if total > 4*came+mib {
			t.Errorf("%d bytes came: blocks of %d together", came, total)
		}
		p.Drop()
		made.wantReleased(t, fmt.Sprintf("%d bytes came", came))
	}
}

// An error of the stream comes with the piece that it hits, whole pieces before it.
func TestPiecesFail(t *testing.T) {
	for _, cause := range []error{errDisk, fmt.Errorf("away: %w", io.ErrUnexpectedEOF), fmt.Errorf("down: %w", io.EOF)} {
		for _, size := range []int{512, mib, 2 * mib} {
			for _, came := range []int{0, 511, 512, mib - 1, mib, 2 * mib, 2*mib + 1} {
				p := snapshot.NewPieces(io.MultiReader(bytes.NewReader(noise(7, came)), iotest.ErrReader(cause)), int64(size), nil)
				whole := 0
				var err error
				for err == nil {
					if _, err = p.Next(-1); err == nil {
						whole++
					}
				}
				if _, again := p.Next(-1); !errors.Is(err, cause) || whole != came/size || !errors.Is(again, cause) {
					t.Errorf("%v after %d bytes in pieces of %d: %d pieces and %v, then %v", cause, came, size, whole, err, again)
				}
			}
		}
	}
}

// Without memory there is an error, no piece that is too short, and nothing is kept.
func TestPiecesNoMemory(t *testing.T) {
	for _, size := range []int{512, mib, 3 * mib} {
		for fail := range 5 {
			var made blocks
			p := snapshot.NewPieces(bytes.NewReader(noise(7, 12*mib)), int64(size), func(n int) snapshot.Block {
				if len(made) == fail {
					return nil
				}
				b := made.add(n)
				b.users = 1 // for good
				return b
			})
			var err error
			for err == nil {
				var piece []byte
				if piece, err = p.Next(-1); err == nil && len(piece) != size {
					t.Fatalf("pieces of %d, %d blocks: a piece of %d", size, fail, len(piece))
				}
			}
			if _, again := p.Next(-1); !errors.Is(err, snapshot.ErrNoMemory) || !errors.Is(again, snapshot.ErrNoMemory) {
				t.Errorf("pieces of %d, %d blocks: %v, then %v", size, fail, err, again)
			}
			p.Drop()
			made.wantReleased(t, fmt.Sprintf("pieces of %d, %d blocks", size, fail))
		}
	}
}
