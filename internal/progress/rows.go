package progress

import "github.com/vxsnap/vxsnap/snapshot"

// Rows calls a func by the rows of a snapshot, which come in the order of seq. Of an increment
// not all chunks have one.
type Rows struct {
	bytes Bytes
	start map[string]int64 // of each file, in bytes
}

// OfRows makes one that calls tell, or nobody where that is nil.
func OfRows(tell func(done, total int64)) *Rows { return &Rows{bytes: Bytes{Tell: tell}} }

// Row says that the rows up to this one are done.
func (p *Rows) Row(r *snapshot.Row) {
	if p.bytes.Tell == nil {
		return
	}
	switch r.Kind {
	case snapshot.KindMetadata:
		m, err := snapshot.DecodeMetadata([]byte(r.Metadata))
		if err != nil {
			p.bytes.Tell = nil // whoever takes the rows says so
			return
		}
		p.start = make(map[string]int64, len(m.Files))
		for i := range m.Files {
			p.start[m.Files[i].Name] = p.bytes.Total
			p.bytes.Total += m.Files[i].Size
		}
	case snapshot.KindChunk:
		p.bytes.At(p.start[r.FileName] + r.Offset)
	case snapshot.KindEnd:
		p.bytes.End()
	}
}
