package snapshot

import "github.com/vxsnap/vxsnap/internal/fault"

// finish says whether every row came.
func (a *assembler) finish() error {
	defer a.forget()
	switch {
	case a.err != nil:
	case a.seen.count == 0:
		a.err = incomplete("incomplete: no rows")
	case a.meta == nil:
		a.err = incomplete("incomplete: no metadata row, which has seq 0")
	case !a.seen.has(a.layout.end):
		a.err = incomplete("incomplete: no end row after seq %d", a.seen.most)
	case a.end.Base != nil && a.seen.count-2 < *a.end.Rows:
		a.err = incomplete("incomplete: %d of the %d rows of an increment", a.seen.count-2, *a.end.Rows)
	case a.end.Base != nil && a.gaps() && a.seen.count-2 > *a.end.Rows:
		p := a.layout.at(a.seen.below) // as of a store, which has put nights together
		a.err = incomplete("%s: chunk missing at offset %d, where the rows are more than the %d of an increment", a.meta.Files[p.file].Name, p.offset, *a.end.Rows)
	case a.end.Base == nil && a.seen.below <= a.layout.end:
		p := a.layout.at(a.seen.below)
		a.err = incomplete("%s: chunk missing at offset %d", a.meta.Files[p.file].Name, p.offset)
	}
	return a.err
}

// gaps reports whether chunks have no row, which those of an increment may.
func (a *assembler) gaps() bool { return a.seen.below <= a.layout.end }

// compare holds the checksums of what was gathered against the end record; with has
// what has no row, and is nil if nobody has.
func (a *assembler) compare(g *gatherer, with *baseReader) error {
	if err := g.wait(); err != nil {
		return err
	}
	if !a.gaps() {
		return a.end.compare(g.digests.files, "the rows give")
	}
	if with != nil {
		if err := a.fill(g, with.read); err != nil {
			return err
		}
		if err := g.wait(); err != nil {
			return err
		}
	} else {
		g.digests.leave()
	}
	if got := g.digests.carried.checksum(); got != *a.end.Carried {
		return fault.Damaged("the increment's checksum of its rows is %s, the rows give %s", *a.end.Carried, got)
	}
	if with == nil {
		return nil
	}
	if err := a.end.compare(g.digests.files, "the rows and the base give"); err != nil {
		return a.unfit(err)
	}
	return nil
}

// unfit says what to do where a base is not what the increment was made on.
func (a *assembler) unfit(err error) error {
	if a.end.Base.SnapshotID != nil {
		return fault.New(ErrDamaged, "%w; the increment is on the rows of %s, and base_directory differs, as one does whose database names index files or was written to: take an increment on vx_snapshot_manifest(base_directory)", err, a.end.Base)
	}
	return fault.New(ErrDamaged, "%w; the increment is on %s, and base_directory differs now: take an increment on vx_snapshot_manifest(base_directory)", err, a.end.Base)
}
