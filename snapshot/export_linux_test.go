package snapshot

// SetSyncFileRange replaces the system call until the function that it gives is called.
func SetSyncFileRange(call func(fd int, off, n int64, flags int) error) (restore func()) {
	was := syncFileRange
	syncFileRange = call
	return func() { syncFileRange = was }
}
