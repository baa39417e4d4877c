package wal_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot/wal"
)

// A liveDatabase is a database file and its WAL, of which frames 1 to mxFrame
// are pinned. Before read number at of either, something changes.
type liveDatabase struct {
	size          int
	database, log []byte
	pinned        []byte // the database as of frame mxFrame
	inFrames      map[int]int
	mxFrame       int

	reads, at int
	change    func(d *liveDatabase)
}

// livePages is the size of the database, in pages counted from 0. Pages 1, 2
// and 5 have frames, 2 has two, and page 6 is in the WAL only.
const livePages = 7

func newLiveDatabase(size int) *liveDatabase {
	d := &liveDatabase{size: size, database: noise(1, (livePages-1)*size), log: make([]byte, 32), inFrames: make(map[int]int)}
	d.pinned = append(bytes.Clone(d.database), make([]byte, size)...)
	for _, page := range []int{2, 1, 5, 2, livePages - 1} {
		d.append(page)
		d.inFrames[page] = len(d.log) - size
		copy(d.pinned[page*size:], d.log[len(d.log)-size:])
		d.mxFrame++
	}
	d.append(livePages + 1) // the database was larger before
	d.mxFrame++
	return d
}

func (d *liveDatabase) clone() *liveDatabase {
	c := *d
	c.database, c.log, c.reads = bytes.Clone(d.database), bytes.Clone(d.log), 0
	return &c
}

// append is what a commit does: a frame behind all others.
func (d *liveDatabase) append(page int) {
	d.log = append(d.log, frame(uint32(page+1), "saltsalt", noise(byte(len(d.log)/d.size+2), d.size))...)
}

// backfill is what a checkpoint does to one page: its last pinned frame goes
// into the file, which may grow by that.
func (d *liveDatabase) backfill(page int, bytes int) {
	if grown := (page + 1) * d.size; len(d.database) < grown {
		d.database = append(d.database, make([]byte, grown-len(d.database))...)
	}
	at := d.inFrames[page]
	copy(d.database[page*d.size:], d.log[at:at+bytes])
}

// A liveFile is one of the two files.
type liveFile struct {
	d     *liveDatabase
	bytes *[]byte
}

func (f liveFile) ReadAt(p []byte, off int64) (int, error) {
	if f.d.reads++; f.d.reads == f.d.at {
		f.d.change(f.d)
	}
	return bytes.NewReader(*f.bytes).ReadAt(p, off)
}

// regions is the wal-index, to which commits add.
func (d *liveDatabase) regions(p []byte, region, offset int) error {
	if d.reads++; d.reads == d.at {
		d.change(d)
	}
	return regionsOf(&d.log, d.size)(p, region, offset)
}

// read takes a view and reads it twice, in pieces.
func (d *liveDatabase) read(piece int) error {
	h, _ := wal.ParseIndex(walIndex(uint32(d.size), uint32(d.mxFrame), livePages, 0, "saltsalt"))
	view, err := wal.NewView(liveFile{d, &d.database}, liveFile{d, &d.log}, &h, d.regions, never)
	if err != nil {
		return err
	}
	if got, want := view.Frames(), len(d.inFrames); got != want {
		return fmt.Errorf("got %d pages from the WAL, want %d", got, want)
	}
	for pass := range 2 {
		got := make([]byte, len(d.pinned))
		for off := 0; off < len(got); off += piece {
			if _, err := view.ReadAt(got[off:min(len(got), off+piece)], int64(off)); err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("pass %d, offset %d: %w", pass, off, err)
			}
		}
		if !bytes.Equal(got, d.pinned) {
			return fmt.Errorf("pass %d: bytes are not those of the pinned commit", pass)
		}
	}
	return nil
}

// What SQLite lets others do while a read mark stands at mxFrame, before each
// read: the view shows the pinned commit all the same.
func TestViewSteps(t *testing.T) {
	everyPage := func(d *liveDatabase, bytes int) {
		for page := range d.inFrames {
			d.backfill(page, bytes)
		}
	}
	commit := func(d *liveDatabase) {
		for page := range livePages + 2 {
			d.append(page)
		}
	}
	for _, test := range []struct {
		name   string
		change func(d *liveDatabase)
	}{
		{"a commit", commit},
		{"a checkpoint", func(d *liveDatabase) { everyPage(d, d.size) }},
		{"a checkpoint of one page", func(d *liveDatabase) { d.backfill(2, d.size) }},
		{"half a page of a checkpoint", func(d *liveDatabase) { everyPage(d, d.size/2) }},
		{"a checkpoint and a commit", func(d *liveDatabase) { everyPage(d, d.size); commit(d) }},
	} {
		for _, size := range []int{512, 65536} {
			whole := newLiveDatabase(size)
			for _, piece := range []int{size / 2, size, 3*size + 1, livePages * size} {
				d := whole.clone()
				if err := d.read(piece); err != nil {
					t.Fatalf("pages of %d, pieces of %d, no change: %v", size, piece, err)
				}
				for at := 1; at <= d.reads; at++ {
					changed := whole.clone()
					changed.at, changed.change = at, test.change
					if err := changed.read(piece); err != nil {
						t.Errorf("%s before read %d of %d, pages of %d, pieces of %d: %v", test.name, at, d.reads, size, piece, err)
					}
				}
			}
		}
	}
}
