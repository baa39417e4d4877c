package main

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A cachedFile shows which pages of a file the page cache holds, and drops them.
type cachedFile struct {
	file *os.File
	data []byte // a mapping that nobody touches, for mincore
}

func openCached(path string) (*cachedFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	data, err := unix.Mmap(int(file.Fd()), 0, int(fileSize(path)), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, errors.Join(os.NewSyscallError("mmap", err), file.Close())
	}
	return &cachedFile{file, data}, nil
}

func (c *cachedFile) close() error {
	return errors.Join(unix.Munmap(c.data), c.file.Close())
}

// cached counts the pages of a range that are in memory; from begins a page.
func (c *cachedFile) cached(from, to int) (pages int, err error) {
	size := os.Getpagesize()
	vector := make([]byte, (to-from+size-1)/size)
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&c.data[from])),
		uintptr(to-from), uintptr(unsafe.Pointer(&vector[0])))
	if errno != 0 {
		return 0, os.NewSyscallError("mincore", errno)
	}
	for _, page := range vector {
		pages += int(page & 1)
	}
	return pages, nil
}

// drop lets the page cache forget the clean pages of a range.
func (c *cachedFile) drop(from, to int) error {
	err := unix.Fadvise(int(c.file.Fd()), int64(from), int64(to-from), unix.FADV_DONTNEED)
	return os.NewSyscallError("fadvise", err)
}
