package snapshot

import "os"

// linkNew gives a file another name in two steps. If it is killed in between, the file
// has both names.
func linkNew(oldName, newName string) error {
	if err := os.Link(oldName, newName); err != nil {
		return err
	}
	return os.Remove(oldName)
}
