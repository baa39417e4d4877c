package over

import "github.com/vxsnap/vxsnap/snapshot"

// progressStep is after how many bytes Progress is called, at least.
const progressStep = 1 << 20

// A progress calls a Progress by the rows that come, in the order of seq.
type progress struct {
	tell        func(done, total int64)
	start       map[string]int64 // of each file, in bytes
	total, told int64
}

// rows tells of the rows that are added. Of an increment not all chunks have one.
func (o *Options) rows(rows Rows) Rows {
	if o.Progress == nil {
		return rows
	}
	return func(add func(*snapshot.Row) error) error {
		p := &progress{tell: o.Progress, start: make(map[string]int64)}
		return rows(func(row *snapshot.Row) error {
			if err := add(row); err != nil {
				return err
			}
			p.row(row)
			return nil
		})
	}
}

// row says that the rows up to this one are done.
func (p *progress) row(r *snapshot.Row) {
	switch r.Kind {
	case snapshot.KindMetadata:
		m, err := snapshot.DecodeMetadata([]byte(r.Metadata))
		if err != nil {
			return // whoever takes the rows says so
		}
		for i := range m.Files {
			p.start[m.Files[i].Name] = p.total
			p.total += m.Files[i].Size
		}
	case snapshot.KindChunk:
		if done := p.start[r.FileName] + r.Offset; done-p.told >= progressStep && done < p.total {
			p.told = done
			p.tell(done, p.total)
		}
	case snapshot.KindEnd:
		p.tell(p.total, p.total)
	}
}
