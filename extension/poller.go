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

var poller struct {
	sync.Mutex
	started bool
}

// startPoller starts Go's network poller, which timers and files use. Go starts
// it when it is first needed and ends the process where there are no
// descriptors left for it; so it is started when the extension is loaded, if
// there are enough. A load that was refused can be tried again.
func startPoller() error {
	poller.Lock()
	defer poller.Unlock()
	if poller.started {
		return nil
	}
	if err := haveDescriptors(pollerDescriptors); err != nil {
		return err
	}
	time.AfterFunc(time.Hour, func() {}).Stop() // a timer with a channel would wait for somebody to wait
	poller.started = true
	return nil
}

// haveDescriptors returns an error unless so many descriptors are free.
func haveDescriptors(n int) error {
	for range n {
		fd, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("%d file descriptors must be free to load it: %w; raise the limit (ulimit -n)", n, err)
		}
		defer func() { _ = unix.Close(fd) }()
	}
	return nil
}
