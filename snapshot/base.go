package snapshot

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A Base opens the files that the receiver of an increment has, by the names of the
// snapshot: those of a directory. A file that is not there is an error that wraps
// fs.ErrNotExist.
type Base interface {
	OpenBase(name string) (BaseFile, error)
}

// A BaseFile is a file of a Base.
type BaseFile interface {
	io.ReaderAt
	Size() int64 // bytes
	Close()
}

// A baseReader reads what has no row. One file of the base is open at a time.
type baseReader struct {
	of     Base
	a      *assembler
	file   BaseFile // nil if none is open
	number int      // of it
}

func (b *baseReader) read(file int, p []byte, off int64) error {
	name := b.a.meta.Files[file].Name
	if b.file == nil || b.number != file {
		b.close()
		f, err := b.of.OpenBase(name)
		if errors.Is(err, fs.ErrNotExist) {
			return b.a.unfit(fault.Damaged("the base has no file %s", name))
		}
		if err != nil {
			return fmt.Errorf("open %s of the base: %w", name, fault.Cause(err))
		}
		b.file, b.number = f, file
	}
	if have, need := b.file.Size(), off+int64(len(p)); have < need {
		return b.a.unfit(fault.Damaged("%s of the base has %d bytes, of which the rows leave out those up to %d", name, have, need))
	}
	if err := fault.ReadFull(b.file, p, off); err != nil {
		return fmt.Errorf("read %s of the base at offset %d: %w", name, off, fault.Cause(err))
	}
	return nil
}

func (b *baseReader) close() {
	if b != nil && b.file != nil {
		b.file.Close()
		b.file = nil
	}
}

// fill adds what has no row, from what a base has of each file. g has all rows.
func (a *assembler) fill(g *gatherer, read func(file int, p []byte, off int64) error) error {
	g.base = true
	var buf []byte
	for seq := a.seen.below; seq < a.layout.end; {
		if a.seen.has(seq) {
			seq++
			continue
		}
		if err := a.interrupted(); err != nil {
			return err
		}
		first := a.layout.at(seq)
		n, stop := first.length, seq+1
		for ; stop < a.layout.end && !a.seen.has(stop); stop++ {
			p := a.layout.at(stop)
			if p.file != first.file || n+p.length > blockSize {
				break
			}
			n += p.length
		}
		if int64(cap(buf)) < n {
			buf = make([]byte, n)
		}
		if err := read(first.file, buf[:n], first.offset); err != nil {
			return err
		}
		for rest := buf[:n]; seq < stop; seq++ {
			p := a.layout.at(seq)
			if err := g.add(seq, &p, rest[:p.length]); err != nil {
				return err
			}
			rest = rest[p.length:]
		}
	}
	return nil
}
