package live

import (
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// IndexWord gives the word that says what to do about index files; an empty one
// means IndexAuto.
func IndexWord(word string) (string, error) {
	switch word {
	case "":
		return IndexAuto, nil
	case IndexAuto, IndexDisk, IndexNone:
		return word, nil
	}
	return "", misuse("index_files must be 'auto', 'disk' or 'none', got %s", fault.Quote(word))
}

// SchemaName gives the name of a database of the connection in the one spelling
// under which it is kept, if the connection is usable.
func (cn *Conn) SchemaName(name string) (string, error) {
	if err := cn.usable(); err != nil {
		return "", err
	}
	folded := vectorlite.FoldName(name)
	exists := cn.HasSchema(name) || folded == "temp" // which SQLite opens when it is used
	if !exists || strings.ContainsRune(name, 0) {
		return "", misuse("schema must be 'main', 'temp' or the name of an attached database, got %s", fault.Quote(name))
	}
	return folded, nil
}
