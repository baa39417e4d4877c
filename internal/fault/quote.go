package fault

import (
	"bytes"
	"strings"
)

// Quote shows a value from outside as an SQL string, shortened.
func Quote(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "…"
	}
	return QuoteWhole(s)
}

// QuoteWhole is Quote for a name that whoever reads it has to use.
func QuoteWhole(s string) string {
	clean := bytes.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			return '?'
		}
		return r
	}, []byte(s))
	return "'" + strings.ReplaceAll(string(clean), "'", "''") + "'"
}
