package zst_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/zst"
)

// readAll reads what the frames of a stream hold, and closes the Reader.
func readAll(in io.Reader) ([]byte, error) {
	r := zst.NewReader(in)
	defer r.Close()
	return io.ReadAll(r)
}

// frames are frames of so many bytes each.
func frames(plain []byte, size int) []byte {
	enc := zst.NewEncoder(true)
	var all []byte
	for part := range slices.Chunk(plain, size) {
		all = enc.Append(all, part)
	}
	return all
}

// A stream is read whatever wrote it: many frames and few, small and large ones, those that
// say how much they hold and those that do not, others between them.
func TestReader(t *testing.T) {
	plain := slices.Concat(prose(6*mib), noise(1, 3*mib), make([]byte, 5*mib), prose(6*mib))
	half := len(plain) / 2
	for _, c := range []struct {
		name   string
		stream []byte
		plain  []byte
	}{
		{"nothing", nil, nil},
		{"a frame of nothing", framed(true, nil), nil},
		{"a frame to be skipped alone", skippable([]byte("x")), nil},
		{"small frames", frames(plain, 10000), plain},
		{"frames of 2 MiB", frames(plain, zst.FrameSize), plain},
		{"frames of nothing among them", slices.Concat(framed(true, nil), frames(plain, mib), framed(true, nil), framed(false, nil)), plain},
		{"one frame by zstd -1", program(t, plain, "-1"), plain},
		{"one that says its size", program(t, plain, "-1", fmt.Sprintf("--stream-size=%d", len(plain))), plain},
		{"one frame by zstd -19", program(t, plain[:2*mib], "-19"), plain[:2*mib]},
		{"one that is its own window", program(t, plain[:7*mib], "-3", "--long=23", fmt.Sprintf("--stream-size=%d", 7*mib)), plain[:7*mib]},
		{"of the largest window", program(t, plain, "-3", "--long=23"), plain},
		{"small, then large", slices.Concat(frames(plain[:half], 100000), program(t, plain[half:])), plain},
		{"large, then small", slices.Concat(program(t, plain[:half]), frames(plain[half:], 100000)), plain},
		{"small, large, small", slices.Concat(frames(plain[:mib], 1000), program(t, plain[mib:half]), frames(plain[half:], mib)), plain},
		{"large ones", slices.Concat(program(t, plain[:half]), program(t, plain[half:])), plain},
		{"frames to be skipped, as those of pzstd", pzstd(plain), plain},
		{"frames to be skipped around a large one", slices.Concat(skippable(nil), program(t, plain[:half]), skippable(noise(1, 99)), skippable(nil), frames(plain[half:], mib), skippable(noise(1, 300*kib))), plain},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := readAll(bytes.NewReader(c.stream))
			if err != nil || !bytes.Equal(got, c.plain) {
				t.Errorf("got %d bytes of %d, or others: %v", len(got), len(c.plain), err)
			}
			if len(c.stream) > 0 {
				if got := program(t, c.stream, "-d"); !bytes.Equal(got, c.plain) {
					t.Errorf("zstd -d gives %d bytes of %d, or others", len(got), len(c.plain))
				}
			}
		})
	}
}

// pzstd is a stream as pzstd writes it: before each frame one to be skipped says how
// long it is.
func pzstd(plain []byte) (all []byte) {
	for part := range slices.Chunk(plain, mib) {
		frame := framed(true, part)
		all = slices.Concat(all, skippable([]byte(fmt.Sprint(len(frame)))), frame)
	}
	return all
}

// It does not matter how much a read gives or asks for.
func TestReaderPieces(t *testing.T) {
	plain := slices.Concat(prose(30000), noise(1, 3000))
	stream := slices.Concat(frames(plain[:20000], 1500), skippable([]byte("abc")), program(t, plain[20000:]))
	for name, in := range map[string]func(io.Reader) io.Reader{
		"one byte": iotest.OneByteReader, "half": iotest.HalfReader, "data with its end": iotest.DataErrReader,
	} {
		if got, err := readAll(in(bytes.NewReader(stream))); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s a read: got %d bytes of %d, or others: %v", name, len(got), len(plain), err)
		}
	}
	r := zst.NewReader(bytes.NewReader(stream))
	defer r.Close()
	if err := iotest.TestReader(r, plain); err != nil {
		t.Error(err)
	}
}

// A window that is too large is refused, with what to do.
func TestReaderWindow(t *testing.T) {
	plain := prose(20 * mib)
	long := program(t, plain, "-1", "--long=27")
	says := program(t, plain, "-1", "--long=27", fmt.Sprintf("--stream-size=%d", len(plain)))
	large := program(t, plain[:mib])
	remedy := "; decompress it with zstd -d --long=31 first"
	for _, c := range []struct {
		name   string
		stream []byte
		before int
		want   string
	}{
		{"first", long, 0, "at byte 0 a zstd frame asks for a window of 134217728 bytes, at most 8388608 are given" + remedy},
		{"it is the window", says, 0, "at byte 0 a zstd frame asks for a window of 20971520 bytes, at most 8388608 are given" + remedy},
		{"after another", slices.Concat(frames(plain[:mib], mib/2), long), mib,
			fmt.Sprintf("at byte %d a zstd frame asks for a window of 134217728 bytes, at most 8388608 are given%s", len(frames(plain[:mib], mib/2)), remedy)},
		{"after a large one", slices.Concat(large, long), mib,
			"a zstd frame is damaged, or asks for a window of more than 8388608 bytes" + remedy},
		{"the window, after a large one", slices.Concat(large, says), mib,
			"a zstd frame is damaged, or asks for a window of more than 8388608 bytes" + remedy},
		{"a little too large", crafted(24, unknown, last()), 0, "at byte 0 a zstd frame asks for a window of 16777216 bytes, at most 8388608 are given" + remedy},
		{"as large as zstd gives", crafted(31, unknown, last()), 0, "at byte 0 a zstd frame asks for a window of 2147483648 bytes, at most 8388608 are given" + remedy},
		{"larger", crafted(32, unknown, last()), 0, "at byte 0 a zstd frame asks for a window of 4294967296 bytes, at most 8388608 are given"},
		{"a terabyte", crafted(41, 1<<40, last()), 0, "at byte 0 a zstd frame asks for a window of 2199023255552 bytes, at most 8388608 are given"},
	} {
		got, err := readAll(bytes.NewReader(c.stream))
		if !bytes.Equal(got, plain[:c.before]) || err == nil || !errors.Is(err, fault.ErrDamaged) || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s: %d bytes before\n got %v\nwant %s", c.name, len(got), err, c.want)
		}
	}
}

// What is wrong with a stream is said with where it is.
func TestReaderRefuses(t *testing.T) {
	text := string(prose(300)) // a frame of less than 256 bytes does not say so
	good := framed(true, []byte(text))
	at := fmt.Sprintf("at byte %d ", len(good))
	summed := program(t, []byte(text), "--check") // and does not say how much it holds
	tiny := bytes.Repeat(blockHeader(0, 0, false), 100*kib)
	large := crafted(10, unknown, raw([]byte("abcabc")), last())
	for _, c := range []struct {
		name   string
		stream []byte
		before string
		want   string
	}{
		{"no frame", []byte("a tar stream, perhaps"), "", "at byte 0 there is no zstd frame"},
		{"no frame after one", slices.Concat(good, []byte("rubbish")), text, at + "there is no zstd frame"},
		{"no frame after a large one", slices.Concat(large, []byte("rubbish")), "abcabc", "the zstd stream is damaged: invalid input: magic number mismatch"},
		{"a dictionary", slices.Concat(good, dictionary()), text, at + "a zstd frame needs the dictionary 7, must need none"},
		{"a dictionary after a large one", slices.Concat(large, dictionary()), "abcabc", "the zstd stream is damaged: unknown dictionary"},
		{"another checksum", slices.Concat(good, good[:len(good)-4], []byte("1234")), text,
			fmt.Sprintf("the zstd frame at byte %d is damaged: CRC check failed", len(good))},
		{"another checksum of a large one", slices.Concat(summed[:len(summed)-4], []byte("1234")), "", "the zstd stream is damaged: CRC check failed"},
		{"longer than what it holds", slices.Concat(good, single(3, tiny)), text, at + "a zstd frame is longer than what it holds, 3 bytes"},
		{"a block of megabytes", single(3, raw(make([]byte, mib))), "", "at byte 0 a zstd frame is longer than what it holds, 3 bytes"},
		{"fewer bytes than it says", single(4, raw([]byte("abc")), last()), "", "the zstd frame at byte 0 is damaged: frame size does not match size on stream"},
		{"more bytes than it says", single(2, raw([]byte("abc")), last()), "", "the zstd frame at byte 0 is damaged: decompressed size exceeds configured limit"},
		{"a reserved bit", []byte{0x28, 0xB5, 0x2F, 0xFD, 8, 0, 0, 0, 0, 0, 0}, "", "at byte 0 the header of a zstd frame is damaged: reserved bit set on frame header"},
	} {
		r := zst.NewReader(bytes.NewReader(c.stream))
		got, err := io.ReadAll(r)
		if string(got) != c.before || err == nil || !errors.Is(err, fault.ErrDamaged) || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s\n got %q, %v\nwant %q, %s", c.name, got, err, c.before, c.want)
		}
		if n, again := r.Read(make([]byte, 10)); n != 0 || fmt.Sprint(again) != fmt.Sprint(err) {
			t.Errorf("%s: once more, %d bytes and %v", c.name, n, again)
		}
		r.Close()
	}
}
