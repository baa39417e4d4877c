package raft_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Half an hour's writes in as little time as they take: 36,000 entries, which
// is 20 a second, from 16 clients, with a snapshot every second or two on every
// node, and a node killed every few seconds. All nodes are equal at the end.
// VXSNAP_RAFT_ENTRIES makes it longer or shorter.
func TestLongRun(t *testing.T) {
	entries := 36_000
	if text := os.Getenv("VXSNAP_RAFT_ENTRIES"); text != "" {
		if _, err := fmt.Sscan(text, &entries); err != nil {
			t.Fatal(err)
		}
	}
	c := newCluster(t, 3, "-snapshot-every", "1s", "-snapshot-after", "200", "-trailing", "200", "-retain", "2", "-max", "200000")
	begin := time.Now()
	var next, accepted atomic.Int64
	var clients sync.WaitGroup
	for range 16 {
		clients.Go(func() {
			for n := int(next.Add(1)); n <= entries; n = int(next.Add(1)) {
				if c.deliver(documents(n, 1, 100)) {
					accepted.Add(1)
				}
			}
		})
	}
	stop, killed := make(chan bool), make(chan int)
	go func() { killed <- c.killSome(stop) }()
	clients.Wait()
	close(stop)
	kills := <-killed
	took := time.Since(begin)
	c.puts = entries
	c.equal(100)
	snapshots, installed := 0, 0
	for _, n := range c.nodes {
		text := n.log.since(0)
		snapshots += strings.Count(text, "persist: done")
		installed += strings.Count(text, "Installed remote snapshot")
	}
	if snapshots < 3 || int(accepted.Load()) != entries {
		t.Errorf("%d snapshots, %d of %d entries accepted", snapshots, accepted.Load(), entries)
	}
	t.Logf("%d entries in %.1f s; %d snapshots, %d of them sent to a follower; %d kills", entries, took.Seconds(), snapshots, installed, kills)
}

// deliver puts an entry until some node has taken it. An entry that was put
// twice makes the same documents.
func (c *cluster) deliver(entry []byte) bool {
	at := rand.IntN(len(c.nodes))
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); at++ {
		if put(c.nodes[at%len(c.nodes)], entry) == nil {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// killSome kills one node after another and starts it again, until it is told
// to stop; then all run.
func (c *cluster) killSome(stop chan bool) (kills int) {
	for {
		select {
		case <-stop:
			return kills
		case <-time.After(time.Duration(2000+rand.IntN(3000)) * time.Millisecond):
		}
		n := c.nodes[rand.IntN(len(c.nodes))]
		n.kill()
		time.Sleep(time.Duration(rand.IntN(1500)) * time.Millisecond)
		n.start()
		kills++
	}
}

// A snapshot of a gigabyte travels, and neither side's memory grows with it.
// VXSNAP_RAFT_MB is another size.
func TestLargeSnapshot(t *testing.T) {
	megabytes := 1024
	if text := os.Getenv("VXSNAP_RAFT_MB"); text != "" {
		if _, err := fmt.Sscan(text, &megabytes); err != nil {
			t.Fatal(err)
		}
	}
	c := newCluster(t, 1, shortLog...)
	leader := c.nodes[0]
	begin := time.Now()
	for c.puts < megabytes {
		if err := put(leader, documents(c.puts+1, 2, 1<<20)); err != nil {
			t.Fatal(err)
		}
		c.puts += 2
	}
	t.Logf("%d MB in %.1f s", megabytes, time.Since(begin).Seconds())
	c.fill(10, 100) // the log behind the snapshot is then small
	begin = time.Now()
	leader.takeSnapshot()
	t.Logf("POST /snapshot took %.1f s", time.Since(begin).Seconds())

	// A new process, so that what the loading left is not measured. It restores,
	// takes and sends a snapshot.
	leader.stop()
	begin = time.Now()
	leader.start()
	leaderPeak := leader.watch()
	leader.wait(0, "restored from snapshot")
	t.Logf("the leader restored its own in %.1f s", time.Since(begin).Seconds())
	c.fill(1, 100)
	leader.takeSnapshot()
	follower := newNode(t, filepath.Join(t.TempDir(), "follower"), shortLog...)
	begin = time.Now()
	follower.start("-join", leader.http)
	followerPeak := follower.watch()
	follower.wait(0, "Installed remote snapshot")
	t.Logf("the follower had it after %.1f s", time.Since(begin).Seconds())
	c.nodes = append(c.nodes, follower)
	sent, received := leaderPeak(), followerPeak()
	c.equal(1)
	t.Logf("peak of anonymous memory: leader %d MB, follower %d MB", sent>>20, received>>20)
	for _, line := range []string{"snapshot: pinned", "persist: done", "restore: done"} {
		for _, n := range c.nodes {
			for text := range strings.Lines(n.log.since(0)) {
				if strings.Contains(text, line) {
					t.Logf("%s %s", n.http, strings.TrimSpace(text))
				}
			}
		}
	}
	if limit := int64(64 << 20); sent > limit || received > limit {
		t.Errorf("memory grew with the snapshot: at most %d bytes are expected", limit)
	}
}

// watch samples the memory of a process until the function that it returns,
// which gives the peak, is called.
func (n *node) watch() func() int64 {
	stop, peak := make(chan bool), make(chan int64)
	go func() {
		var most int64
		for {
			select {
			case <-stop:
				peak <- most
				return
			case <-time.After(5 * time.Millisecond):
				most = max(most, n.rss())
			}
		}
	}()
	return func() int64 {
		stop <- true
		return <-peak
	}
}
