package main

import (
	"context"
	"os"

	"github.com/mattn/go-isatty"
)

// standardInput is standard input, whose reads end when ctx does.
func standardInput(ctx context.Context) (*input, error) {
	if isatty.IsTerminal(os.Stdin.Fd()) {
		return nil, wrongUse("standard input is a terminal, must be a snapshot: a pipe, or <FILE")
	}
	return &input{ctx: ctx, file: os.Stdin, name: "standard input"}, nil
}

// openPipe opens a pipe that has a name, and waits for its writer.
func openPipe(ctx context.Context, path string) (*input, error) {
	var file *os.File
	_, err := await(ctx, func() (_ int, err error) {
		file, err = os.Open(path)
		return 0, err
	})
	if err != nil {
		return nil, err
	}
	return &input{ctx: ctx, file: file, name: path}, nil
}

// An input is a file whose reads may block for as long as somebody likes.
type input struct {
	ctx  context.Context
	file *os.File
	name string
	buf  []byte
}

// pipeBlock is how much is read at once, in bytes.
const pipeBlock = 256 << 10

// Name is for errors.
func (in *input) Name() string { return in.name }

// Read implements io.Reader. A read that ctx gave up has a buffer of its own.
func (in *input) Read(p []byte) (int, error) {
	if in.buf == nil {
		in.buf = make([]byte, pipeBlock)
	}
	buf := in.buf[:min(len(p), len(in.buf))]
	n, err := await(in.ctx, func() (int, error) { return in.file.Read(buf) })
	return copy(p, buf[:n]), err
}

// Close closes the file.
func (in *input) Close() error { return in.file.Close() }

// standardOutput is standard output, whose writes end when ctx does.
func standardOutput(ctx context.Context) (*output, error) {
	if isatty.IsTerminal(os.Stdout.Fd()) {
		return nil, wrongUse("standard output is a terminal, must be a pipe or a file: vxsnap save DB - | …, or name a FILE.tar.zst")
	}
	return &output{ctx: ctx}, nil
}

type output struct {
	ctx context.Context
	buf []byte
}

// Write implements io.Writer. A write that ctx gave up has a buffer of its own.
func (out *output) Write(p []byte) (int, error) {
	out.buf = append(out.buf[:0], p...)
	return await(out.ctx, func() (int, error) { return os.Stdout.Write(out.buf) })
}

// await waits for a call that may block until somebody at the other end does something.
// The end of ctx leaves it behind, for the process to end with.
func await(ctx context.Context, call func() (int, error)) (int, error) {
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := call()
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		return r.n, r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
