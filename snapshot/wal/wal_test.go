package wal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/vxsnap/vxsnap/snapshot/wal"
)

// walIndex is a wal-index as SQLite keeps it: two equal headers, then nBackfill.
func walIndex(pageSize, mxFrame, pages, backfill uint32, salt string) []byte {
	b := make([]byte, 136)
	native := binary.NativeEndian
	native.PutUint32(b[0:], 3007000)
	b[12] = 1
	native.PutUint16(b[14:], uint16(pageSize&0xff00|pageSize>>16))
	native.PutUint32(b[16:], mxFrame)
	native.PutUint32(b[20:], pages)
	copy(b[32:40], salt)
	copy(b[48:96], b[:48])
	native.PutUint32(b[96:], backfill)
	return b
}

// frame makes a frame of the WAL.
func frame(page uint32, salt string, content []byte) []byte {
	head := make([]byte, 24)
	binary.BigEndian.PutUint32(head, page)
	copy(head[8:], salt)
	return append(head, content...)
}

// regionsOf is the rest of a wal-index, of a WAL of so many frames: the pages that
// frames of a size hold, in regions of 32 KiB as SQLite maps them.
func regionsOf(log *[]byte, size int) wal.Regions {
	return func(p []byte, region, offset int) error {
		of := make([]byte, 32768)
		first, at := 0, 136 // counted from 0
		if region > 0 {
			first, at = 4062+4096*(region-1), 0
		}
		for ; at < 16384; at += 4 {
			if frame := 32 + first*(24+size); frame+24 <= len(*log) {
				binary.NativeEndian.PutUint32(of[at:], binary.BigEndian.Uint32((*log)[frame:]))
			}
			first++
		}
		copy(p, of[offset:])
		return nil
	}
}

// noise gives n bytes that depend on the seed alone.
func noise(seed byte, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

func never() error { return nil }

// A WALView reads like the array of pages that a model keeps.
func TestViewModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		size := 512 << rapid.IntRange(0, 7).Draw(r, "page size")
		pages := rapid.IntRange(1, 12).Draw(r, "pages")
		inFile := rapid.IntRange(0, pages).Draw(r, "pages in the file")
		database := noise(1, inFile*size)
		model := append(bytes.Clone(database), make([]byte, (pages-inFile)*size)...)
		log := make([]byte, 32)
		frames := 0
		write := func(page int) {
			frames++
			content := noise(byte(100+frames), size)
			log = append(log, frame(uint32(page+1), "saltsalt", content)...)
			if page < pages {
				copy(model[page*size:], content)
			}
		}
		for page := inFile; page < pages; page++ {
			write(page)
		}
		for range rapid.IntRange(0, 10).Draw(r, "more frames") {
			write(rapid.IntRange(0, pages+2).Draw(r, "page")) // some behind the end: the database shrank
		}
		log = append(log, frame(1, "stalesal", noise(7, size))...) // a frame of an older WAL
		h, _ := wal.ParseIndex(walIndex(uint32(size), uint32(frames), uint32(pages), 0, "saltsalt"))
		view, err := wal.NewView(bytes.NewReader(database), bytes.NewReader(log), &h, regionsOf(&log, size), never)
		if err != nil {
			r.Fatal(err)
		}
		for range 20 {
			from := rapid.IntRange(0, len(model)-1).Draw(r, "from")
			to := rapid.IntRange(from, len(model)).Draw(r, "to")
			got := make([]byte, to-from)
			if n, err := view.ReadAt(got, int64(from)); n != len(got) || err != nil || !bytes.Equal(got, model[from:to]) {
				r.Fatalf("bytes %d to %d: got %d bytes, %v", from, to, n, err)
			}
		}
	})
}

// sparse is zeros up to a size, with some bytes put in.
type sparse struct {
	size  int64
	parts map[int64][]byte
}

func (s sparse) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	for at, part := range s.parts {
		if at < off+int64(len(p)) && off < at+int64(len(part)) {
			copy(p[max(0, at-off):], part[max(0, off-at):])
		}
	}
	if off+int64(len(p)) > s.size {
		return int(max(0, s.size-off)), io.EOF
	}
	return len(p), nil
}

// The page that holds SQLite's locks, at 1 GiB, need not be in the file.
func TestViewLockBytePage(t *testing.T) {
	const lockByte = 1 << 30
	for _, size := range []int64{512, 4096, 65536} {
		behind := noise(3, int(size))
		page := lockByte/size + 2 // the one behind it, counted from 1
		log := append(make([]byte, 32), frame(uint32(page), "saltsalt", behind)...)
		h, _ := wal.ParseIndex(walIndex(uint32(size), 1, uint32(page), 0, "saltsalt"))
		before := noise(4, 100)
		database := sparse{size: lockByte, parts: map[int64][]byte{lockByte - 100: before}}
		view, err := wal.NewView(database, bytes.NewReader(log), &h, regionsOf(&log, int(size)), never)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 100+2*size)
		want := append(append(bytes.Clone(before), make([]byte, size)...), behind...)
		if _, err := view.ReadAt(got, lockByte-100); err != nil || !bytes.Equal(got, want) {
			t.Errorf("page size %d: %v, or other bytes", size, err)
		}
	}
}

func TestViewDamage(t *testing.T) {
	h, _ := wal.ParseIndex(walIndex(512, 2, 3, 0, "saltsalt"))
	one := append(make([]byte, 32), frame(1, "saltsalt", noise(1, 512))...)
	two := append(bytes.Clone(one), frame(3, "saltsalt", noise(1, 512))...)
	none := append(bytes.Clone(one), frame(0, "saltsalt", noise(1, 512))...)
	anew := append(append(make([]byte, 32), frame(1, "saltpepp", noise(1, 512))...), two[32+24+512:]...)
	gone := func([]byte, int, int) error { return errors.New("gone") }
	for _, test := range []struct {
		name, want string
		log        []byte
		regions    wal.Regions
	}{
		{"short", "read frame 2 of the WAL: EOF", one, regionsOf(&two, 512)},
		{"another salt at the end", "frame 2 of the WAL is not one of the 2 frames that the wal-index counts", append(bytes.Clone(one), frame(3, "saltpepp", noise(1, 512))...), regionsOf(&two, 512)},
		{"another salt at the start", "frame 1 of the WAL is not one of the 2 frames that the wal-index counts", anew, regionsOf(&two, 512)},
		{"another page", "frame 2 of the WAL is not one of the 2 frames that the wal-index counts", append(bytes.Clone(one), frame(2, "saltsalt", noise(1, 512))...), regionsOf(&two, 512)},
		{"page 0", "the wal-index has no page for frame 2, but counts 2 frames", none, regionsOf(&none, 512)},
		{"no such region", "read region 0 of the wal-index: gone", two, gone},
	} {
		_, err := wal.NewView(bytes.NewReader(nil), bytes.NewReader(test.log), &h, test.regions, never)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
	view, err := wal.NewView(bytes.NewReader(noise(1, 512)), bytes.NewReader(two), &h, regionsOf(&two, 512), never)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := view.ReadAt(make([]byte, 1536), 0); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("page 2 is nowhere: got %v, want io.ErrUnexpectedEOF", err)
	}
}
