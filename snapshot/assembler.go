package snapshot

import (
	"hash"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/zst"
)

// A sink takes what the assembler has checked.
type sink interface {
	// begin is called once, before every write, with what is valid metadata.
	begin(m *Metadata) error
	// write is called once for each chunk, in any order. data is valid until it
	// returns, and a zstd frame where it is shorter than the place.
	write(seq int64, p *place, data []byte) error
	// tempFile makes a private file for rows that came before their metadata.
	tempFile() (*TempFile, error)
}

// An assembler enforces the row protocol: every row that the metadata calls
// for comes exactly once, in any order, with exactly the place that its seq
// gives it, and no other row comes. It remembers its first error and keeps
// giving it.
type assembler struct {
	sink   sink
	meta   *Metadata
	layout *layout
	text   hash.Hash  // has the metadata row
	end    *EndRecord // nil until the end row came
	seen   seqSet
	early  *rowLog // rows that wait for the metadata
	err    error

	interrupted func() error // asked now and then
}

// add takes one row. The first error is final.
func (a *assembler) add(r *Row) error {
	if a.err == nil {
		a.err = errPanicked // what remains if it does
		a.err = a.take(r)
	}
	return a.err
}

func (a *assembler) take(r *Row) error {
	if r.Seq < 0 {
		return fault.Damaged("a row has seq %d, must not be negative", r.Seq)
	}
	if r.Kind == KindChunk && !validName(r.FileName) {
		return fault.Damaged("row with seq %d has file_name %s, which is not allowed; %s", r.Seq, fault.Quote(r.FileName), nameRule)
	}
	if (r.Seq == 0) != (r.Kind == KindMetadata) {
		return fault.Damaged("row with seq %d: the metadata row, and only that, has seq 0", r.Seq)
	}
	if !a.seen.add(r.Seq) {
		return fault.Damaged("row with seq %d came twice; are these the rows of one snapshot?", r.Seq)
	}
	switch {
	case r.Kind == KindMetadata:
		return a.begin(r)
	case a.meta == nil:
		return a.wait(r)
	}
	return a.place(r)
}

// begin reads the metadata and then the rows that waited for it.
func (a *assembler) begin(r *Row) error {
	if r.Last {
		return fault.Damaged("the metadata row has is_last 1, must be 0")
	}
	m, err := decodeMetadata([]byte(r.Metadata), a.interrupted)
	if err != nil {
		return err
	}
	a.meta, a.layout, a.text = m, newLayout(m), hashText(r.Metadata)
	if err := a.sink.begin(m); err != nil {
		return err
	}
	if a.early == nil {
		return nil
	}
	defer a.forget()
	return a.early.replay(func(r *Row) error {
		if err := a.interrupted(); err != nil {
			return err
		}
		return a.place(r)
	})
}

func (a *assembler) wait(r *Row) error {
	if a.early == nil {
		f, err := a.sink.tempFile()
		if err != nil {
			return err
		}
		a.early = newRowLog(f)
	}
	return a.early.add(r)
}

// place holds a row against what the metadata says of its seq.
func (a *assembler) place(r *Row) error {
	if r.Seq > a.layout.end {
		return fault.Damaged("row with seq %d is behind the end row, which has seq %d", r.Seq, a.layout.end)
	}
	p := a.layout.at(r.Seq)
	if p.file == len(a.meta.Files) {
		if r.Kind != KindEnd {
			return fault.Damaged("row with seq %d must be the end row, but has a file_name", r.Seq)
		}
		if !r.Last {
			return fault.Damaged("the end row, with seq %d, has is_last 0, must be 1", r.Seq)
		}
		return a.finishWith(r.Metadata)
	}
	f := &a.meta.Files[p.file]
	switch {
	case r.Kind != KindChunk:
		return fault.Damaged("row with seq %d must hold bytes of %s, but has no file_name", r.Seq, f.Name)
	case r.FileName != f.Name:
		return fault.Damaged("row with seq %d has file_name %s, must be '%s'", r.Seq, fault.Quote(r.FileName), f.Name)
	case r.Offset != p.offset:
		return fault.Damaged("%s: row with seq %d has offset %d, must be %d", f.Name, r.Seq, r.Offset, p.offset)
	case int64(len(r.Data)) < p.length && !zst.IsFrame(r.Data):
		return fault.Damaged("%s: row with seq %d has %d bytes of data, must have %d or be a zstd frame", f.Name, r.Seq, len(r.Data), p.length)
	case int64(len(r.Data)) > p.length:
		return fault.Damaged("%s: row with seq %d has %d bytes of data, must have %d", f.Name, r.Seq, len(r.Data), p.length)
	case r.Last != p.last:
		return fault.Damaged("%s: row with seq %d has is_last %d, must be %d", f.Name, r.Seq, number(r.Last), number(p.last))
	}
	return a.sink.write(r.Seq, &p, r.Data)
}

// finishWith reads the end record.
func (a *assembler) finishWith(text string) (err error) {
	if a.end, err = decodeEnd([]byte(text), a.interrupted); err == nil {
		err = a.end.check(a.meta, a.text)
	}
	return err
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// close is for good: what would take the rows is gone.
func (a *assembler) close() {
	a.forget()
	if a.err == nil {
		a.err = errClosed
	}
}

// forget drops the rows that wait.
func (a *assembler) forget() {
	if a.early != nil {
		a.early.close()
		a.early = nil
	}
}
