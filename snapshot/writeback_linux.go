package snapshot

import (
	"os"

	"golang.org/x/sys/unix"
)

// writeBackStep is how much is written back between two questions whether to
// go on, in bytes: some tens of milliseconds on a slow disk.
const writeBackStep = 8 << 20

// writeBack writes a file's dirty pages to the device step by step, because a
// single fsync of gigabytes cannot be interrupted. The fsync after it finds
// little left to do.
func writeBack(f *os.File, interrupted func() error) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	const how = unix.SYNC_FILE_RANGE_WAIT_BEFORE | unix.SYNC_FILE_RANGE_WRITE | unix.SYNC_FILE_RANGE_WAIT_AFTER
	for off := int64(0); off < info.Size(); off += writeBackStep {
		if err := interrupted(); err != nil {
			return err
		}
		if unix.SyncFileRange(int(f.Fd()), off, writeBackStep, how) != nil {
			return nil // not for this file system; the fsync reports what matters
		}
	}
	return nil
}

// startWriteback begins to write dirty pages to the device, and does not wait.
func startWriteback(f *os.File, offset, length int64) {
	_ = unix.SyncFileRange(int(f.Fd()), offset, length, unix.SYNC_FILE_RANGE_WRITE)
}
