package raft_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// rounds is how often each case runs; a longer run sets VXSNAP_RAFT_ROUNDS.
func rounds() int {
	if n, err := strconv.Atoi(os.Getenv("VXSNAP_RAFT_ROUNDS")); err == nil {
		return n
	}
	return 1
}

// A node is killed while it takes, writes, sends, receives or restores a
// snapshot. It comes back, the state that it left on disk is whole, and the
// cluster becomes equal.
func TestKilled(t *testing.T) {
	c := newCluster(t, 3, shortLog...)
	c.fill(40, 50_000) // 20 MB, so that every step takes some milliseconds
	c.equal(1)

	// What makes the step happen on a node.
	snapshot := func(n *node) { go n.send(http.MethodPost, "/snapshot", nil, patience) } // the kill ends it
	restart := func(n *node) {
		n.takeSnapshot()
		n.kill()
		n.start()
	}
	behind := func(f *node) { // so that the leader must send it a snapshot
		f.kill()
		c.fill(10, 100)
		c.leader().takeSnapshot()
		f.start()
	}
	const leader, follower = true, false
	for _, test := range []struct {
		name        string
		on, killed  bool // the node that the step happens on, and the one that is killed
		do          func(*node)
		begin, over string // what the first one writes around the step
	}{
		{"the leader in Snapshot", leader, leader, snapshot, "snapshot: flushing", "snapshot: pinned"},
		{"a follower in Snapshot", follower, follower, snapshot, "snapshot: flushing", "snapshot: pinned"},
		{"the leader in Persist", leader, leader, snapshot, "persist: begin", "persist: done"},
		{"a follower in Persist", follower, follower, snapshot, "persist: begin", "persist: done"},
		{"the leader in InstallSnapshot", follower, leader, behind, "creating new snapshot", "copied to local snapshot"},
		{"a follower in InstallSnapshot", follower, follower, behind, "creating new snapshot", "copied to local snapshot"},
		{"a follower in Restore of a new snapshot", follower, follower, behind, "copied to local snapshot", "restore: done"},
		{"the leader in Restore of a new snapshot", follower, leader, behind, "copied to local snapshot", "restore: done"},
		{"a follower in the checks of Restore", follower, follower, behind, `copied to local snapshot(.|\n)*restore: staged`, "restore: done"},
		{"a leader that starts, in Restore", leader, leader, restart, "restore: begin", "restore: done"},
		{"a follower that starts, in the checks of Restore", follower, follower, restart, "restore: staged", "restore: done"},
	} {
		for round := range rounds() {
			t.Run(fmt.Sprintf("%s/%d", test.name, round), func(t *testing.T) {
				c.fill(2, 1000)
				nodes := map[bool]*node{leader: c.leader(), follower: c.follower()}
				on, killed := nodes[test.on], nodes[test.killed]
				size := on.log.size()
				test.do(on)
				begun := on.wait(size, test.begin)
				time.Sleep(time.Duration(rand.IntN(10)) * time.Millisecond)
				killed.kill()
				after := on.log.since(size)
				if strings.Contains(after[strings.LastIndex(after, begun)+1:], test.over) {
					t.Log("the step was over before the kill")
				}
				killed.checkState()
				killed.start()
				c.fill(2, 1000)
				c.equal(2)
			})
			if t.Failed() {
				return
			}
		}
	}
}
