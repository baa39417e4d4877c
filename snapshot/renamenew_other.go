//go:build !linux

package snapshot

// RenameNew is for systems whose rename replaces what is there.
func (osFS) RenameNew(oldName, newName string) error { return linkNew(oldName, newName) }
