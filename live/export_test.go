package live

// The index files are tested on their own.
type IndexFile = indexFile

var OpenIndexFile = openIndexFile

// Known is how many connections have a Conn.
func Known() int {
	conns.Lock()
	defer conns.Unlock()
	return len(conns.of)
}
