package raft_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
)

// change asks a leader to add or remove a node.
func change(t *testing.T, leader *node, how string, n *node) {
	t.Helper()
	body, _ := json.Marshal(map[string]string{"http": n.http, "raft": n.tcp})
	if err := leader.send(http.MethodPost, "/"+how, body, patience); err != nil {
		t.Fatal(err)
	}
}

// A cutter passes TCP connections on, and cuts each that has carried too much.
type cutter struct {
	net.Listener
	target string
	most   atomic.Int64 // bytes to the target in one connection
	cuts   atomic.Int64
}

func newCutter(t *testing.T, target string) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{Listener: l, target: target}
	c.most.Store(1 << 62)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			go c.pass(from)
		}
	}()
	return c
}

func (c *cutter) pass(from net.Conn) {
	defer from.Close()
	to, err := net.Dial("tcp", c.target)
	if err != nil {
		return
	}
	defer to.Close()
	go func() {
		io.Copy(from, to)
		from.Close()
	}()
	buf, carried := make([]byte, 16<<10), int64(0)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if carried += int64(n); carried > c.most.Load() {
			c.cuts.Add(1)
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// The network drops InstallSnapshot half-way, again and again. The follower
// keeps its old state, and has the new one as soon as the network holds.
func TestNetworkDropsSnapshot(t *testing.T) {
	c := newCluster(t, 2, shortLog...)
	f := newNode(t, t.TempDir(), shortLog...)
	network := newCutter(t, f.tcp)
	f.advertise = network.Addr().String()
	f.start("-join", c.nodes[0].http)
	f.wait(0, "ready")
	c.nodes = append(c.nodes, f)
	c.fill(5, 1000)
	c.equal(1)
	f.takeSnapshot()
	old, err := f.status("?digest=1")
	if err != nil {
		t.Fatal(err)
	}

	f.kill()
	c.fill(40, 50_000) // 20 MB
	c.leader().takeSnapshot()
	for _, most := range []int64{1 << 20, 10 << 20, 19 << 20} {
		network.most.Store(most)
		size := f.log.size()
		if !f.running() {
			f.start()
		}
		f.wait(size, "failed to (copy|receive whole) snapshot")
		got, err := f.status("?digest=1")
		if err != nil || got.Digest != old.Digest {
			t.Errorf("cut after %d bytes: %+v, %v, want %+v", most, got, err, old)
		}
	}
	network.most.Store(1 << 62)
	c.equal(3)
	t.Logf("cut %d times", network.cuts.Load())
}
