package zst_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/zst"
)

// guarded fills n bytes, and says whether any behind them was written to.
func guarded(t testing.TB, dec *zst.Decoder, n int, frame []byte) ([]byte, error) {
	t.Helper()
	room := bytes.Repeat([]byte{0xA5}, n+4*kib)
	err := dec.Fill(room[:n:n], frame)
	if i := slices.IndexFunc(room[n:], func(b byte) bool { return b != 0xA5 }); i >= 0 {
		t.Errorf("byte %d behind the %d of dst was written to", i, n)
	}
	return room[:n], err
}

// Each is no frame for 6 bytes. The sentence says why.
func TestFillRefuses(t *testing.T) {
	good := framed(false, []byte("abcabc"))
	summed := framed(true, []byte("abcabc"))
	for _, c := range []struct {
		name  string
		frame []byte
		want  string
	}{
		{"nothing", nil, "the header of the zstd frame is cut"},
		{"a magic number alone", good[:4], "the header of the zstd frame is cut"},
		{"no frame", []byte("abcdef"), "there is no zstd frame"},
		{"a frame to be skipped", skippable([]byte("abcabc")), "the zstd frame is one to be skipped, must hold bytes"},
		{"a frame to be skipped before it", slices.Concat(skippable(nil), good), "the zstd frame is one to be skipped, must hold bytes"},
		{"a frame to be skipped behind it", slices.Concat(good, skippable(nil)), "8 bytes follow the zstd frame"},
		{"a dictionary", dictionary(), "a zstd frame needs the dictionary 7, must need none"},
		{"a reserved bit", slices.Concat(good[:4], []byte{1 << 3}, good[5:]), "the header of a zstd frame is damaged: reserved bit set on frame header"},
		{"a block that is reserved", crafted(10, 6, blockHeader(6, 3, true), []byte("abcabc")), "the zstd frame is damaged: invalid input: reserved block type encountered"},
		{"a byte behind it", slices.Concat(good, []byte{0}), "1 bytes follow the zstd frame"},
		{"two frames", slices.Concat(good, good), strconv.Itoa(len(good)) + " bytes follow the zstd frame"},
		{"two frames of half", slices.Concat(framed(false, []byte("abc")), framed(false, []byte("abc"))), "12 bytes follow the zstd frame"},
		{"no last block", crafted(10, unknown, raw([]byte("abcabc"))), "the zstd frame is cut"},
		{"no checksum", summed[:len(summed)-4], "the zstd frame is cut"},
		{"another checksum", slices.Concat(summed[:len(summed)-4], []byte("1234")), "the zstd frame is damaged: CRC check failed"},
		{"fewer bytes", framed(false, []byte("abcab")), "the zstd frame holds 5 bytes, must hold 6"},
		{"more bytes", framed(false, []byte("abcabca")), "the zstd frame holds more than 6 bytes"},
		{"more bytes, as it says", crafted(10, 7, raw([]byte("abcabca")), last()), "the zstd frame holds 7 bytes, must hold 6"},
		{"no bytes", framed(false, nil), "the zstd frame holds 0 bytes, must hold 6"},
		{"fewer bytes than it says", crafted(10, 6, raw([]byte("abcab")), last()), "the zstd frame is damaged: frame size does not match size on stream"},
		{"more bytes than it says", crafted(10, 6, raw([]byte("abcabca")), last()), "the zstd frame holds more than 6 bytes"},
		{"fewer bytes, and it does not say", crafted(10, unknown, raw([]byte("abcab")), last()), "the zstd frame holds 5 bytes, must hold 6"},
		{"more bytes, and it does not say", crafted(10, unknown, raw([]byte("abcabca")), last()), "the zstd frame holds more than 6 bytes"},
		{"many more, and it does not say", crafted(17, unknown, repeated(128*kib), repeated(128*kib), last()), "the zstd frame holds more than 6 bytes"},
		{"text, and it does not say", program(t, prose(100*kib)), "the zstd frame is damaged: output bigger than max block size (131072)"},
		{"gigabytes", crafted(10, 1<<40, repeated(1000), last()), "the zstd frame holds 1099511627776 bytes, must hold 6"},
	} {
		_, err := guarded(t, zst.NewDecoder(), 6, c.frame)
		if err == nil || err.Error() != c.want || !errors.Is(err, fault.ErrDamaged) {
			t.Errorf("%s\n got %v\nwant %s", c.name, err, c.want)
		}
	}
}

// One that zstd made with a dictionary.
func TestFillDictionary(t *testing.T) {
	dir := t.TempDir()
	args := []string{"--train", "-o", filepath.Join(dir, "dictionary")}
	text := prose(400 * kib)
	for i := range 400 {
		path := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(path, text[i*kib:][:kib], 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	program(t, nil, args...)
	frame := program(t, text[:kib], "-D", filepath.Join(dir, "dictionary"))
	want := regexp.MustCompile(`^a zstd frame needs the dictionary [1-9]\d*, must need none$`)
	if err := zst.NewDecoder().Fill(make([]byte, kib), frame); err == nil || !want.MatchString(err.Error()) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// small are frames of a few hundred bytes: of one block and of several, with a checksum
// and without, by us and by zstd, that say how much they hold and do not.
func small(t testing.TB) map[string][]byte {
	plain := smallPlain()
	return map[string][]byte{
		"ours":               framed(false, plain),
		"with a checksum":    framed(true, plain),
		"by zstd -19":        program(t, plain, "-19"),
		"of several blocks":  crafted(10, int64(len(plain)), raw(plain[:100]), raw(plain[100:]), last()),
		"that does not say":  crafted(10, unknown, raw(plain), last()),
		"of repeated bytes":  crafted(12, unknown, raw(plain[:0]), repeated(len(plain)), last()),
		"that cannot shrink": framed(true, noise(1, len(plain))),
	}
}

func smallPlain() []byte { return slices.Concat(prose(400), make([]byte, 100), noise(1, 20)) }

// A frame that is cut is refused, wherever it is.
func TestFillCut(t *testing.T) {
	dec := zst.NewDecoder()
	want := regexp.MustCompile(`^the (header of the )?zstd frame is cut$`)
	for name, frame := range small(t) {
		if _, err := guarded(t, dec, len(smallPlain()), frame); err != nil {
			t.Errorf("a frame %s: %v", name, err)
		}
		for n := range frame {
			if _, err := guarded(t, dec, len(smallPlain()), frame[:n]); err == nil || !want.MatchString(err.Error()) || !errors.Is(err, fault.ErrDamaged) {
				t.Errorf("a frame %s, %d bytes of %d: got %v, want that it is cut", name, n, len(frame), err)
			}
		}
	}
}

// Whichever byte of a frame changes, nothing behind dst does; and where the frame has a
// checksum, that is an error, or the bytes are right.
func TestFillChanged(t *testing.T) {
	dec := zst.NewDecoder()
	for name, frame := range small(t) {
		want, err := guarded(t, dec, len(smallPlain()), frame)
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		for i := range frame {
			for _, change := range []byte{1, 4, 32, 128, 255} {
				changed := slices.Clone(frame)
				changed[i] ^= change
				got, err := guarded(t, dec, len(want), changed)
				if err != nil {
					refused++
				}
				if err != nil && !errors.Is(err, fault.ErrDamaged) || err == nil && frame[4]&4 != 0 && changed[4]&4 != 0 && !bytes.Equal(got, want) {
					t.Errorf("a frame %s, byte %d changed by %d: got %v, or other bytes", name, i, change, err)
				}
			}
		}
		if refused == 0 {
			t.Errorf("a frame %s: no change was refused", name)
		}
	}
}

// Whatever a few bytes say that they hold, memory is taken for dst alone.
func TestFillMemory(t *testing.T) {
	dec := zst.NewDecoder()
	bomb := make([][]byte, 20000) // 2.5 GB
	for i := range bomb {
		bomb[i] = repeated(128 * kib)
	}
	dst := make([]byte, 1000)
	_ = dec.Fill(dst, framed(false, prose(1000))) // what it takes once
	for name, frame := range map[string][]byte{
		"says a terabyte":             crafted(20, 1<<40, repeated(128*kib), last()),
		"is its own window":           single(1<<40, repeated(128*kib), last()),
		"has gigabytes":               crafted(17, unknown, append(bomb, last())...),
		"has gigabytes and lies":      crafted(17, 1000, append(bomb, last())...),
		"asks for a window of 512 MB": crafted(29, unknown, repeated(128*kib), last()),
		"asks for one of 2 TB":        crafted(41, unknown, repeated(128*kib), last()),
	} {
		var err error
		if got := allocated(func() { err = dec.Fill(dst, frame) }); got > mib || err == nil {
			t.Errorf("a frame of %d bytes that %s: %d bytes were allocated: %v", len(frame), name, got, err)
		}
	}
}
