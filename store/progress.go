package store

import "github.com/vxsnap/vxsnap/snapshot"

// progressStep is after how many bytes Progress is called, at least.
const progressStep = 1 << 20

// A progress calls a Progress by the rows that come.
type progress struct {
	tell        func(done, total int64) // nil: nobody asks
	start       map[string]int64        // of each file, in bytes
	total, told int64
}

// row says that the rows up to this one are done. Of an increment not all chunks have one.
func (p *progress) row(r *snapshot.Row) {
	if p.tell == nil {
		return
	}
	switch r.Kind {
	case snapshot.KindMetadata:
		m, err := snapshot.DecodeMetadata([]byte(r.Metadata))
		if err != nil {
			p.tell = nil // whoever takes the rows says so
			return
		}
		p.start, p.told = make(map[string]int64, len(m.Files)), 0
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
