package main

import (
	"fmt"
	"io"
	"time"
)

// firstRow is the time until a consumer has the first row of a snapshot, in
// seconds: from the start of the statement, in a connection that is in use. It
// grows with the database where rows wait for a checksum of everything.
func (b *bench) firstRow(database string, chunkSize int) (float64, error) {
	return b.askOften(database, fmt.Sprintf("SELECT seq FROM vx_snapshot_chunks(%d) LIMIT 1;", chunkSize), "0")
}

// firstByte is the same for a method that is a stream of bytes and no statement:
// from the start of its first process.
func (b *bench) firstByte(m method) (float64, error) {
	return medianOf(b.rounds(m), func() (float64, error) { return b.firstByteOnce(m) })
}

func (b *bench) firstByteOnce(m method) (float64, error) {
	defer m.clean()
	if err := b.settle(); err != nil {
		return 0, err
	}
	cmd := b.command(m.stream[0], m.stream[1:]...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	if _, err := stdout.Read(make([]byte, 1)); err != nil {
		return 0, fmt.Errorf("%s printed nothing: %w", m.name, err)
	}
	seconds := time.Since(start).Seconds()
	if _, err := io.Copy(io.Discard, stdout); err != nil {
		return 0, err
	}
	return seconds, cmd.Wait()
}
