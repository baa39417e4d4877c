package live

import (
	"strings"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
)

// indexWord gives the word that says what to do about index files; an empty one
// means IndexAuto.
func indexWord(word string) (string, error) {
	switch word {
	case "":
		return IndexAuto, nil
	case IndexAuto, IndexDisk, IndexNone:
		return word, nil
	}
	return "", misuse("index_files must be 'auto', 'disk' or 'none', got %s", fault.Quote(word))
}

// schemaName gives the name of a database of the connection in the one spelling
// under which it is kept, if the connection is usable.
func (cn *Conn) schemaName(name string) (string, error) {
	if err := cn.usable(); err != nil {
		return "", err
	}
	folded := c.FoldName(name)
	exists := cn.HasSchema(name) || folded == "temp" // which SQLite opens when it is used
	if !exists || strings.ContainsRune(name, 0) {
		return "", misuse("schema must be 'main', 'temp' or the name of an attached database, got %s", fault.Quote(name))
	}
	return folded, nil
}
