package c

// FoldName folds a name as SQLite folds names and keywords: the letters A to Z
// only. Two names that Unicode calls equal but for their case, such as "Ä" and
// "ä", are two names.
func FoldName(name string) string {
	b := []byte(name)
	for i, char := range b {
		if 'A' <= char && char <= 'Z' {
			b[i] = char + 'a' - 'A'
		}
	}
	return string(b)
}
