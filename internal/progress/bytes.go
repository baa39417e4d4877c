// Package progress tells a caller's func how far something is: Bytes of what is counted in
// bytes, Rows of the rows of a snapshot.
package progress

// step is after how many bytes a func is called, at least.
const step = 1 << 20

// Bytes calls a func. It is for one goroutine.
type Bytes struct {
	Tell  func(done, total int64) // nil: nobody asks
	Total int64
	told  int64
}

// At says how many bytes are done.
func (b *Bytes) At(done int64) {
	if b.Tell != nil && done-b.told >= step && done < b.Total {
		b.told = done
		b.Tell(done, b.Total)
	}
}

// End says that all bytes are done.
func (b *Bytes) End() {
	if b.Tell != nil {
		b.Tell(b.Total, b.Total)
	}
}
