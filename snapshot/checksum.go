package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A Checksum is a SHA-256.
type Checksum [sha256.Size]byte

// String gives the 64 lower-case hex digits that sha256sum prints.
func (c Checksum) String() string { return hex.EncodeToString(c[:]) }

// MarshalText implements encoding.TextMarshaler.
func (c Checksum) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. Upper-case digits are
// refused: equal checksums have equal texts.
func (c *Checksum) UnmarshalText(text []byte) error {
	n, err := hex.Decode(c[:], text[:min(len(text), 2*len(c))])
	if err != nil || n != len(c) || string(text) != c.String() {
		return fmt.Errorf("checksum must be 64 lower-case hex digits, got %s", fault.Quote(string(text)))
	}
	return nil
}

// combined is the checksum of a whole snapshot: the SHA-256 over each file's
// name and hex checksum, in order.
func combined(files []File) (sum Checksum) {
	h := sha256.New()
	for i := range files {
		h.Write([]byte(files[i].Name))
		h.Write([]byte(files[i].Checksum.String()))
	}
	h.Sum(sum[:0])
	return sum
}

// A hasher feeds hashes on a goroutine of its own, so that the next bytes can
// be read or written meanwhile. It is for one goroutine; close ends it.
type hasher struct {
	jobs   chan hashJob
	free   chan []byte // buffers that are not being hashed
	work   *task
	raised any // the panic of a hash; free orders it

	// The buffer that is being filled, and the hash that it is for.
	buf []byte
	to  hash.Hash
}

type hashJob struct {
	to    hash.Hash
	bytes []byte
}

// hashBuffers is one to fill, one to hash, and one between them.
const hashBuffers = 3

func newHasher() *hasher {
	h := &hasher{
		jobs: make(chan hashJob, hashBuffers),
		free: make(chan []byte, hashBuffers),
	}
	for range hashBuffers {
		h.free <- nil
	}
	h.work = start(func() {
		for job := range h.jobs {
			h.hash(job)
		}
	})
	return h
}

// hash gives the buffer back whatever happens: somebody may wait for it.
func (h *hasher) hash(job hashJob) {
	defer func() {
		if p := recover(); p != nil {
			h.raised = p
		}
		h.free <- job.bytes
	}()
	job.to.Write(job.bytes)
}

// buffer is the next blockSize bytes to fill.
func (h *hasher) buffer() []byte {
	b := <-h.free
	if b == nil {
		b = make([]byte, blockSize)
	}
	return b[:blockSize]
}

// send hashes a filled part of a buffer from buffer.
func (h *hasher) send(to hash.Hash, b []byte) { h.jobs <- hashJob{to, b} }

// write hashes a copy of b, many small pieces together.
func (h *hasher) write(to hash.Hash, b []byte) {
	for len(b) > 0 {
		if h.to != to || len(h.buf) == blockSize {
			h.flush()
		}
		if h.buf == nil {
			h.buf, h.to = h.buffer()[:0], to
		}
		n := min(len(b), blockSize-len(h.buf))
		h.buf = append(h.buf, b[:n]...)
		b = b[n:]
	}
}

func (h *hasher) flush() {
	if h.buf != nil {
		h.send(h.to, h.buf)
		h.buf, h.to = nil, nil
	}
}

// wait returns when everything written so far is hashed, or panics as a hash did.
func (h *hasher) wait() {
	h.flush()
	var held [hashBuffers][]byte
	for i := range held {
		held[i] = <-h.free
	}
	for _, b := range held {
		h.free <- b
	}
	if h.raised != nil {
		panic(h.raised)
	}
}

func (h *hasher) close() {
	close(h.jobs)
	h.work.wait()
}
