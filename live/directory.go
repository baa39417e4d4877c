package live

import (
	"path/filepath"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// A directory is the current one of the process when vxsnap was loaded on a
// connection.
type directory struct {
	key  fileKey
	name string
}

func currentDirectory() directory {
	key, _ := keyOf(".")
	name, _ := filepath.Abs(".")
	return directory{key, name}
}

// elsewhere returns an error if the path of a table's index file is relative, and
// leads to another file than when vxsnap was loaded: vectorlite takes it from the
// directory in which the process is whenever it opens the file.
func (cn *Conn) elsewhere(table vectorlite.Table) error {
	if table.Path == "" || filepath.IsAbs(table.Path) {
		return nil
	}
	if now, _ := keyOf("."); now == cn.loadedIn.key {
		return nil
	}
	return misuse("the path %s of table %s is relative, and the process has left the directory %s, in which vxsnap was loaded on this connection, so that it is another file now; go back there, or declare an absolute path",
		fault.Quote(table.Path), fault.Quote(table.Name), fault.Quote(cn.loadedIn.name))
}

func (cn *Conn) anyElsewhere(tables []vectorlite.Table) error {
	for _, table := range tables {
		if err := cn.elsewhere(table); err != nil {
			return err
		}
	}
	return nil
}
