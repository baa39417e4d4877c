package snapshot

import (
	"fmt"
	"io"
)

// A Verifier checks the rows of one snapshot, given in any order. Chunks are hashed
// on several goroutines while others come; index files, whose structure is checked
// as a whole, and rows that come before the metadata wait in unlinked temporary
// files. A Verifier is for one goroutine; Close ends its goroutines and frees the
// files, and may be called twice.
type Verifier struct {
	assembler
	fs      FS
	checker Checker

	gather *gatherer
	base   []int64   // where each file begins in image
	image  *TempFile // of the index files; nil if there are none

	with *baseReader // nil: an increment is checked alone
}

// NewVerifier makes a Verifier whose index files check checks. A nil fsys means
// OS; a nil interrupted never interrupts. check cannot be left out: a Verifier
// without one takes nothing, and the first Add, like Result, says so.
func NewVerifier(check Checker, fsys FS, interrupted func() error) *Verifier {
	v := &Verifier{fs: fsys, checker: check}
	if fsys == nil {
		v.fs = OS
	}
	v.sink, v.interrupted = v, orNever(interrupted)
	if check == nil {
		v.err = errNoChecker
	}
	return v
}

// With lets an increment be checked with what its receiver has: the Result is then that
// of the whole snapshot. Without it an increment is checked alone.
func (v *Verifier) With(base Base) { v.with = &baseReader{of: base, a: &v.assembler} }

// Add takes one row. It returns an error only where checking cannot go on,
// such as a full disk; what is wrong with the rows is kept for Result.
func (v *Verifier) Add(r *Row) error {
	if err := v.add(r); err != nil && !isDamage(err) {
		return err
	}
	return nil
}

// Result says "ok", or the first thing that is wrong in one line; of an increment
// whose base it has not, "ok, with base" and which. Its error is like that of Add. Call it
// once, after the last row.
func (v *Verifier) Result() (string, error) {
	info, err := v.Finish()
	switch {
	case err == nil && info.Base != nil:
		return "ok, with base " + info.Base.String(), nil
	case err == nil:
		return "ok", nil
	case isDamage(err):
		return err.Error(), nil
	}
	return "", err
}

// Finish is Result with what is wrong as an error, which wraps ErrDamaged, ErrIncomplete
// or ErrIndexFile where that is the rows' fault, and with what was verified.
func (v *Verifier) Finish() (*Info, error) {
	err := v.finish()
	if err == nil {
		err = v.compare(v.gather, v.with)
	}
	if err != nil {
		return nil, err
	}
	info := infoOf(v.meta, v.end.Checksum)
	if v.gaps() && v.with == nil {
		info.Base = v.end.Base
		return info, nil
	}
	if err := checkIndexes(v.meta, v.stored, v.checker, v.interrupted); err != nil {
		return nil, err
	}
	return info, nil
}

// Close ends the goroutines and frees the temporary file.
func (v *Verifier) Close() {
	v.close()
	v.with.close()
	if v.gather != nil {
		v.gather.close()
		v.gather = nil
	}
	if v.image != nil {
		v.image.Drop()
		v.image = nil
	}
}

func (v *Verifier) begin(m *Metadata) (err error) {
	var at int64
	for i := range m.Files {
		v.base = append(v.base, at)
		if m.Files[i].Type == TypeIndex {
			at += m.Files[i].Size
		}
	}
	if at > 0 {
		if v.image, err = v.tempFile(); err != nil {
			return err
		}
	}
	v.gather = newGatherer(v.layout, v.keep)
	return nil
}

func (v *Verifier) write(seq int64, p *place, data []byte) error { return v.gather.add(seq, p, data) }

func (v *Verifier) keep(file int, offset int64, data []byte) error {
	if v.meta.Files[file].Type != TypeIndex || len(data) == 0 {
		return nil
	}
	if _, err := v.image.WriteAt(data, v.base[file]+offset); err != nil {
		return fmt.Errorf("keep a chunk of %s in a temporary file: %w", v.meta.Files[file].Name, err)
	}
	return nil
}

func (v *Verifier) tempFile() (*TempFile, error) {
	f, err := newTempFile(v.fs, TempDir())
	if err != nil {
		return nil, fmt.Errorf("make a temporary file for rows that are not in order: %w", err)
	}
	return f, nil
}

func (v *Verifier) stored(file int) io.ReaderAt {
	if v.image == nil { // every index file is empty
		return io.NewSectionReader(nil, 0, 0)
	}
	return io.NewSectionReader(v.image, v.base[file], v.meta.Files[file].Size)
}

// Fail makes err, which wraps ErrDamaged, the first thing that is wrong, unless
// there is one already: for rows whose columns cannot be read.
func (v *Verifier) Fail(err error) {
	if v.err == nil {
		v.err = err
	}
}
