package snapshot

// SetSyncFileRange replaces the system call until the function that it gives is called.
func SetSyncFileRange(call func(fd int, off, n int64, flags int) error) (restore func()) {
	was := syncFileRange
	syncFileRange = call
	return func() { syncFileRange = was }
}

// SetRenameNoReplace replaces the system call until the function that it gives is called.
func SetRenameNoReplace(call func(oldName, newName string) error) (restore func()) {
	was := renameNoReplace
	renameNoReplace = call
	return func() { renameNoReplace = was }
}

// SetCopyFileRange replaces the system call until the function that it gives is called.
func SetCopyFileRange(call func(from int, in *int64, to int, out *int64, n, flags int) (int, error)) (restore func()) {
	was := copyFileRange
	copyFileRange = call
	return func() { copyFileRange = was }
}
