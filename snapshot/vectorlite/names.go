package vectorlite

import "strings"

// FoldName makes equal what SQLite takes for the same name or keyword: it folds A
// to Z and nothing else, so that é and É are two names.
func FoldName(name string) string {
	folded := []byte(name)
	for i, b := range folded {
		if b >= 'A' && b <= 'Z' {
			folded[i] = b + 'a' - 'A'
		}
	}
	return string(folded)
}

// sameName compares two names, or keywords, as SQLite does.
func sameName(a, b string) bool { return FoldName(a) == FoldName(b) }

// unquoteName gives the name that a token stands for.
func unquoteName(s string) string {
	if len(s) < 2 {
		return s
	}
	switch inner := s[1 : len(s)-1]; s[0] {
	case '[':
		return inner
	case '\'', '"', '`':
		return strings.ReplaceAll(inner, s[:1]+s[:1], s[:1])
	}
	return s
}
