package snapshot

import (
	"errors"
	"os"
)

// removeName removes a name of a file; tests let it fail.
var removeName = os.Remove

// linkNew gives a file another name in two steps, or none. If it is killed in between, the
// file has both names.
func linkNew(oldName, newName string) error {
	if err := os.Link(oldName, newName); err != nil {
		if e := new(os.LinkError); errors.As(err, &e) {
			err = e.Err // without the names, which the caller knows
		}
		return err
	}
	err := removeName(oldName)
	if err != nil {
		_ = os.Remove(newName) // an error leaves nothing under the name
	}
	return err
}
