package vectorlite

import (
	"bytes"
	"unicode/utf16"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
)

// Mentions reports whether a database can declare a table of vectorlite, for one
// whose schema SQLite cannot read: whether its bytes have the module's name, in any
// of the encodings of SQLite, in whole or in two parts, of which the second begins
// an overflow page. It says so of a database, too, that has the name elsewhere.
func Mentions(database snapshot.Part) (bool, error) {
	m, buf := newMention(), make([]byte, min(mentionBlock, database.File.Size))
	for at := int64(0); at < database.File.Size; at += mentionBlock {
		b := buf[:min(mentionBlock, database.File.Size-at)]
		if err := fault.ReadFull(database, b, at); err != nil {
			return false, err
		}
		if m.look(lower(b)) {
			return true, nil
		}
	}
	return m.inParts(), nil
}

const (
	// mentionBlock is a multiple of every page size: no text of a page goes on in
	// the next one.
	mentionBlock = 1 << 20

	// leastPage divides every page size.
	leastPage = 512

	// overflowStart is where the content of an overflow page begins.
	overflowStart = 4
)

// A mention is what was seen of the name's spellings.
type mention []spelling

// A spelling is the name in one encoding. It has only begun where the bytes before
// i are somewhere, and ended where those from i on begin an overflow page.
type spelling struct {
	name  []byte
	begun int    // the longest beginning that was seen
	ended []bool // by i
}

func newMention() mention {
	var big, little []byte
	for _, c := range utf16.Encode([]rune(Module)) {
		big, little = append(big, byte(c>>8), byte(c)), append(little, byte(c), byte(c>>8))
	}
	var m mention
	for _, name := range [][]byte{[]byte(Module), big, little} {
		m = append(m, spelling{name: name, ended: make([]bool, len(name))})
	}
	return m
}

// look looks at a block in lower case, and reports whether the whole name is in it.
func (m mention) look(b []byte) bool {
	for i := range m {
		s := &m[i]
		for s.begun < len(s.name) && bytes.Contains(b, s.name[:s.begun+1]) {
			s.begun++
		}
		if s.begun == len(s.name) {
			return true
		}
		for at := overflowStart; at < len(b); at += leastPage {
			for end := 1; end < len(s.name); end++ {
				s.ended[end] = s.ended[end] || bytes.HasPrefix(b[at:], s.name[end:])
			}
		}
	}
	return false
}

func (m mention) inParts() bool {
	for _, s := range m {
		for end := 1; end <= s.begun; end++ {
			if s.ended[end] {
				return true
			}
		}
	}
	return false
}

// lower makes ASCII letters small, as SQLite folds them in names.
func lower(b []byte) []byte {
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return b
}
