package snapshot

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncFileRange is the system call; tests let it fail.
var syncFileRange = unix.SyncFileRange

// writeBack writes a file's dirty pages to the device step by step, because a
// single fsync of gigabytes cannot be interrupted. The fsync after it finds
// little left to do.
func writeBack(f *os.File, interrupted func() error) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	const how = unix.SYNC_FILE_RANGE_WAIT_BEFORE | unix.SYNC_FILE_RANGE_WRITE | unix.SYNC_FILE_RANGE_WAIT_AFTER
	for off := int64(0); off < info.Size(); off += writebackStep {
		if err := interrupted(); err != nil {
			return err
		}
		err := syncFileRange(int(f.Fd()), off, writebackStep, how)
		if unsupported(err) {
			return nil // not for this file system
		}
		if err != nil {
			return err // which the fsync would not say again
		}
	}
	return nil
}

func unsupported(err error) bool {
	return errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ESPIPE) || errors.Is(err, unix.EOPNOTSUPP)
}

// startWriteback begins to write dirty pages to the device, and does not wait.
func startWriteback(f *os.File, offset, length int64) {
	_ = syncFileRange(int(f.Fd()), offset, length, unix.SYNC_FILE_RANGE_WRITE)
}

// copyFileRange is the system call; tests count it, and let it fail.
var copyFileRange = unix.CopyFileRange

// copyRange lets the system copy bytes, as many as it likes, or share them where the file
// system can; 0 says that it does not.
func copyRange(to *os.File, from descriptor, off, n int64) int64 {
	for {
		in, out := off, off
		done, err := copyFileRange(int(from.Fd()), &in, int(to.Fd()), &out, int(n), 0)
		if err == nil {
			return int64(done)
		}
		if !errors.Is(err, unix.EINTR) {
			return 0
		}
	}
}
