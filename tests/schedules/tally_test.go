package schedules_test

import (
	"fmt"
	"time"
)

// A tally counts what happened, so that a test which tested nothing shows.
type tally struct {
	cases, blocked, later int
	whole                 map[string]int // how often each event came to its end
	began                 time.Time
}

func newTally() *tally { return &tally{whole: make(map[string]int), began: time.Now()} }

func (n *tally) add(o *outcome, e event) {
	n.cases++
	if o.result == "ok" {
		n.whole[e.name]++
	} else {
		n.blocked++
	}
	if o.at > 0 {
		n.later++
	}
}

func (n *tally) String() string {
	return fmt.Sprintf("%d cases, %d events met a lock or a full disk, %d snapshots are of a later commit than the first, %.1f s",
		n.cases, n.blocked, n.later, time.Since(n.began).Seconds())
}
