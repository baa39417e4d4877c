//go:build !linux

package snapshot

import "os"

func writeBack(*os.File, func() error) error { return nil }
