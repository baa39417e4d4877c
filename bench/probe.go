package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// probeInterval is how often the probe looks.
const probeInterval = 5 * time.Millisecond

// temporarySpace runs a method once more and gives the most bytes that its
// temporary files had at one moment: those in the directory for temporary files,
// those that the method names, and those that are open but have no name.
//
// It is a run of its own because looking slows the method down.
func (b *bench) temporarySpace(m method) (int64, error) {
	defer m.clean()
	cmd := b.command(m.args[0], m.args[1:]...)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	paths := append([]string{filepath.Join(b.dir, "tmp")}, m.temporary...)
	var most int64
	for {
		select {
		case err := <-done:
			if err != nil {
				return 0, fmt.Errorf("%s: %w", m.name, err)
			}
			return most, nil
		case <-time.After(probeInterval):
			sizes := map[uint64]int64{} // by inode, so that no file counts twice
			for _, path := range paths {
				addNamed(sizes, path)
			}
			addUnlinked(sizes, cmd.Process.Pid)
			var sum int64
			for _, size := range sizes {
				sum += size
			}
			most = max(most, sum)
		}
	}
}

// addNamed adds the files at and below path. Files that vanish are passed over.
func addNamed(sizes map[uint64]int64, path string) {
	_ = filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		addFile(sizes, path)
		return nil
	})
}

// addUnlinked adds the open files without a name of every process in a group.
func addUnlinked(sizes map[uint64]int64, group int) {
	descriptors, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, descriptor := range descriptors {
		target, err := os.Readlink(descriptor)
		if err != nil || !strings.HasSuffix(target, " (deleted)") || strings.HasPrefix(target, "/memfd:") {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(descriptor, "/")[2])
		if err != nil {
			continue
		}
		if got, err := syscall.Getpgid(pid); err == nil && got == group {
			addFile(sizes, descriptor)
		}
	}
}

func addFile(sizes map[uint64]int64, path string) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		sizes[stat.Ino] = info.Size()
	}
}
