package vxsnap

import "io"

// progressStep is after how many bytes a Progress is called, at least.
const progressStep = 1 << 20

// A progress calls a Progress.
type progress struct {
	tell        func(done, total int64) // nil: nobody asks
	total, told int64
}

// at says how many bytes are done.
func (p *progress) at(done int64) {
	if p.tell != nil && done-p.told >= progressStep && done < p.total {
		p.told = done
		p.tell(done, p.total)
	}
}

// end says that all bytes are done.
func (p *progress) end() {
	if p.tell != nil {
		p.tell(p.total, p.total)
	}
}

// A countingReader counts what it read.
type countingReader struct {
	io.Reader
	n int64
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.n += int64(n)
	return n, err
}
