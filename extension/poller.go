package extension

import (
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// pollerDescriptors is how many descriptors Go's network poller takes, and some
// to spare for threads that open files at the same moment.
const pollerDescriptors = 8

// startPoller starts Go's network poller, which timers and files use. Go starts
// it when it is first needed and ends the process where there are no
// descriptors left for it; so it is started when the extension is loaded, if
// there are enough.
var startPoller = sync.OnceValue(func() error {
	var held []int
	defer func() {
		for _, fd := range held {
			_ = unix.Close(fd)
		}
		if len(held) == pollerDescriptors {
			time.NewTimer(time.Hour).Stop()
		}
	}()
	for range pollerDescriptors {
		fd, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("%d file descriptors must be free to load it: %w; raise the limit (ulimit -n)", pollerDescriptors, err)
		}
		held = append(held, fd)
	}
	return nil
})
