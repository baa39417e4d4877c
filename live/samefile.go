package live

import "os"

// A schemaFile is what tells the file behind a schema from another one that is
// attached under the same name.
type schemaFile struct {
	path string      // "" where there is none
	info os.FileInfo // nil where the path leads nowhere
}

// fileOf describes the file behind a schema. Main cannot be detached: whatever
// its path leads to later, the connection reads the file that it opened.
func (cn *Conn) fileOf(schema string) schemaFile {
	f := schemaFile{path: cn.db.Filename(schema)}
	if f.path != "" && schema != "main" {
		if info, err := os.Stat(f.path); err == nil {
			f.info = info
		}
	}
	return f
}

func (f schemaFile) same(other schemaFile) bool {
	if f.path != other.path || f.info == nil || other.info == nil {
		return f == other
	}
	return os.SameFile(f.info, other.info)
}
