package snapshot

import (
	"encoding/json"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// checkJSON says what is wrong with JSON text. It takes no memory, and about
// 100 ms for the longest metadata.
func checkJSON(text []byte) error {
	if json.Valid(text) {
		return nil
	}
	return json.Unmarshal(text, new(ignored))
}

type ignored struct{}

func (*ignored) UnmarshalJSON([]byte) error { return nil }

// askEvery is how many bytes are passed over between two questions whether to go
// on.
const askEvery = 1 << 20

// A scanner walks over JSON text that checkJSON is content with. A value that is
// passed over costs nothing, whatever is in it.
type scanner struct {
	text        []byte
	at          int
	interrupted func() error
	asked       int // where interrupted was asked last
}

// kind says what the next value is, as encoding/json does in its errors.
func (s *scanner) kind() string {
	switch s.next() {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "bool"
	case 'n':
		return "null"
	}
	return "number"
}

// next is the next byte that is no space and separates nothing, 0 at the end.
func (s *scanner) next() byte {
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n', ',', ':':
		default:
			return c
		}
	}
	return 0
}

// element goes into an array, or on to its next value, and reports whether there
// is one.
func (s *scanner) element() bool {
	if s.at == 0 && s.next() == '[' {
		s.at++
	}
	return s.next() != ']'
}

// object gives the fields of the next value: an object, or null, which has none.
func (s *scanner) object(where string) (map[string]json.RawMessage, error) {
	if s.next() == 'n' {
		_, err := s.value()
		return nil, err
	}
	fields := make(map[string]json.RawMessage)
	for s.at++; s.next() != '}'; {
		text, err := s.value()
		if err != nil {
			return nil, err
		}
		var name string
		if err := json.Unmarshal(text, &name); err != nil {
			return nil, err
		}
		if _, twice := fields[name]; twice {
			return nil, fault.Damaged("%s has the field %s twice", where, fault.Quote(name))
		}
		if len(fields) == MaxFields {
			return nil, fault.Damaged("%s has more than %d fields", where, MaxFields)
		}
		if fields[name], err = s.value(); err != nil {
			return nil, err
		}
	}
	s.at++
	return fields, nil
}

// value passes over the next value and gives its text.
func (s *scanner) value() (json.RawMessage, error) {
	s.next()
	start, depth := s.at, 0
	for {
		if s.at-s.asked >= askEvery {
			s.asked = s.at
			if err := s.interrupted(); err != nil {
				return nil, err
			}
		}
		switch s.text[s.at] {
		case '{', '[':
			depth++
			s.at++
		case '}', ']':
			depth--
			s.at++
		case '"':
			s.quoted()
		default:
			s.plain()
		}
		if depth == 0 {
			return s.text[start:s.at], nil
		}
		s.next()
	}
}

// quoted passes over a string.
func (s *scanner) quoted() {
	for s.at++; s.text[s.at] != '"'; s.at++ {
		if s.text[s.at] == '\\' {
			s.at++
		}
	}
	s.at++
}

// plain passes over a number, true, false or null.
func (s *scanner) plain() {
	for ; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n', ',', ':', ']', '}':
			return
		}
	}
}
