package vectorlite

import "strings"

// A scanner splits a statement into tokens as far as quoting, comments and
// punctuation go (https://www.sqlite.org/lang_keywords.html, lang_comment.html).
type scanner struct {
	sql string
	at  int
}

// A token is a span and what it is.
type token struct {
	span
	kind tokenKind
}

type tokenKind int

const (
	end    tokenKind = iota
	word             // letters, digits, _ and $, and everything outside ASCII
	quoted           // '…', "…", `…`, […]
	symbol           // one character of any other kind
	broken           // a quote that is not closed
)

// next is the next token behind white space and comments.
func (s *scanner) next() token {
	s.skip()
	start := s.at
	if start == len(s.sql) {
		return token{span{start, start}, end}
	}
	switch b := s.sql[start]; {
	case b == '$':
		return s.variable(start)
	case hexDigits(s.sql[start:]) > 0: // ends at once, also before a parameter: 0x1f$a
		s.at += 2 + hexDigits(s.sql[start:])
		return token{span{start, s.at}, word}
	case isWord(b):
		for s.at < len(s.sql) && isWord(s.sql[s.at]) {
			s.at++
		}
		return token{span{start, s.at}, word}
	case b == '[':
		return s.closed(start, strings.IndexByte(s.sql[start:], ']'))
	case b == '\'' || b == '"' || b == '`':
		return s.closed(start, closingQuote(s.sql[start:]))
	case b == '@' || b == '#' || b == ':':
		return s.variable(start)
	case b == '?':
		for s.at++; s.at < len(s.sql) && s.sql[s.at] >= '0' && s.sql[s.at] <= '9'; s.at++ {
		}
		return token{span{start, s.at}, symbol}
	}
	s.at++
	return token{span{start, s.at}, symbol}
}

// variable is the token of a parameter such as $a::b(c), in whose parentheses
// quotes, commas and further parentheses mean nothing.
func (s *scanner) variable(start int) token {
	for s.at = start + 1; s.at < len(s.sql); s.at++ {
		switch b := s.sql[s.at]; {
		case isWord(b):
			continue
		case b == ':' && strings.HasPrefix(s.sql[s.at:], "::"):
			s.at++
			continue
		case b == '(' && s.at > start+1:
			n := strings.IndexAny(s.sql[s.at:], ") \t\n\v\f\r")
			if n < 0 || s.sql[s.at+n] != ')' {
				return s.closed(start, -1)
			}
			s.at += n + 1
		}
		break
	}
	return token{span{start, s.at}, symbol}
}

// closed is the token from start to its closing character, -1 if there is none.
func (s *scanner) closed(start, last int) token {
	if last < 0 {
		s.at = len(s.sql)
		return token{span{start, s.at}, broken}
	}
	s.at = start + last + 1
	return token{span{start, s.at}, quoted}
}

// closingQuote finds the quote that closes the one that s begins with; a
// doubled quote stands for itself.
func closingQuote(s string) int {
	for i := 1; i < len(s); i++ {
		if s[i] != s[0] {
			continue
		}
		if i+1 == len(s) || s[i+1] != s[0] {
			return i
		}
		i++
	}
	return -1
}

// skip goes over white space and comments. An open comment ends with the text.
func (s *scanner) skip() {
	for s.at < len(s.sql) {
		rest := s.sql[s.at:]
		switch {
		case strings.IndexByte(" \t\n\v\f\r", rest[0]) >= 0:
			s.at++
		case strings.HasPrefix(rest, "\ufeff"): // which SQLite takes for white space
			s.at += len("\ufeff")
		case strings.HasPrefix(rest, "--"):
			s.skipPast(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			s.skipPast(rest, "*/")
		default:
			return
		}
	}
}

func (s *scanner) skipPast(rest, stop string) {
	if i := strings.Index(rest[2:], stop); i >= 0 {
		s.at += 2 + i + len(stop)
	} else {
		s.at = len(s.sql)
	}
}

func isWord(b byte) bool {
	return b >= 0x80 || b == '_' || b == '$' || b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z'
}

// hexDigits counts the digits behind the 0x that s begins with.
func hexDigits(s string) (n int) {
	if len(s) < 3 || s[0] != '0' || s[1]|0x20 != 'x' {
		return 0
	}
	for _, b := range []byte(s[2:]) {
		if (b < '0' || b > '9') && (b|0x20 < 'a' || b|0x20 > 'f') {
			break
		}
		n++
	}
	return n
}
