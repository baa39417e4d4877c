package live

// A schemaFile is what tells the file behind a schema from another one that is
// attached under the same name. Two are compared with ==.
type schemaFile struct {
	path string  // "" where there is none
	file fileKey // none where the path leads nowhere
}

// fileOf describes the file behind a schema. Main cannot be detached: whatever
// its path leads to later, the connection reads the file that it opened.
func (cn *Conn) fileOf(schema string) schemaFile {
	f := schemaFile{path: cn.db.Filename(schema)}
	if schema != "main" {
		f.file, _ = keyOf(f.path)
	}
	return f
}
