package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// settle waits until everything that was written to the file system of the
// databases is on the disk, what was removed is gone, and nobody is left to pay
// for it: each measured process starts after it.
func (b *bench) settle() error {
	dir, err := os.Open(b.dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	return unix.Syncfs(int(dir.Fd()))
}
