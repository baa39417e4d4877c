package zst_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/snapshot/zst"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

func noise(seed byte, n int) []byte { return testkit.Noise(seed, n) }

// prose is n bytes that a frame makes a third of, as text is.
func prose(n int) []byte {
	words := strings.Fields("the of a row that has no name may be read again when its page is in memory and nobody holds the lock")
	b := make([]byte, 0, n+16)
	for _, r := range noise(77, n) {
		if b = append(append(b, words[int(r)%len(words)]...), ' '); r < 16 {
			b = fmt.Appendf(b, "%d ", len(b))
		}
		if len(b) >= n {
			break
		}
	}
	return b[:n:n]
}

// plains are bytes of every kind, of sizes about those at which something changes.
func plains(yield func(name string, plain []byte) bool) {
	for _, n := range []int{0, 1, 511, 512, 65536, 128*kib + 1, mib, 2*mib + 1, 5 * mib} {
		for name, plain := range map[string][]byte{"zeros": make([]byte, n), "text": prose(n), "noise": noise(1, n)} {
			if !yield(fmt.Sprintf("%d bytes of %s", n, name), plain) {
				return
			}
		}
	}
}

func framed(checksum bool, plain []byte) []byte { return zst.NewEncoder(checksum).Append(nil, plain) }

// program runs the zstd of Debian. What comes through a pipe is of a size that it does
// not know, unless it is told.
func program(t testing.TB, in []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("zstd", append([]string{"-q", "-c"}, args...)...)
	var out, message bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &message
	if err := cmd.Run(); err != nil {
		t.Fatalf("zstd %q: %v: %s", args, err, message.Bytes())
	}
	return out.Bytes()
}

// unknown is that no content size is in a header.
const unknown = -1

// crafted is a frame that is made by hand: its window has 1 << window bytes.
func crafted(window int, holds int64, blocks ...[]byte) []byte {
	b := []byte{0x28, 0xB5, 0x2F, 0xFD, 0, byte(window-10) << 3}
	if holds != unknown {
		b[4] = 3 << 6
		b = binary.LittleEndian.AppendUint64(b, uint64(holds))
	}
	return append(b, slices.Concat(blocks...)...)
}

// single is one that is its own window.
func single(holds int64, blocks ...[]byte) []byte {
	b := binary.LittleEndian.AppendUint64([]byte{0x28, 0xB5, 0x2F, 0xFD, 3<<6 | 1<<5}, uint64(holds))
	return append(b, slices.Concat(blocks...)...)
}

// repeated is a block of one byte n times, raw one of these bytes, last the last one,
// of no bytes.
func repeated(n int) []byte { return append(blockHeader(n, 1, false), 'x') }
func raw(p []byte) []byte   { return append(blockHeader(len(p), 0, false), p...) }
func last() []byte          { return blockHeader(0, 0, true) }

func blockHeader(n, kind int, last bool) []byte {
	bits := n<<3 | kind<<1
	if last {
		bits |= 1
	}
	return []byte{byte(bits), byte(bits >> 8), byte(bits >> 16)}
}

// skippable is a frame to be skipped.
func skippable(p []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{0x5A, 0x2A, 0x4D, 0x18}, uint32(len(p)))
	return append(b, p...)
}

// dictionary is a frame that needs one, with the id 7.
func dictionary() []byte {
	return append([]byte{0x28, 0xB5, 0x2F, 0xFD, 1, 0, 7}, last()...)
}

func allocated(f func()) uint64 { return testkit.Allocated(f) }

func inUse() int64 { return testkit.InUse() }
