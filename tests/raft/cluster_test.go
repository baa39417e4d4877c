// Package raft_test runs clusters of examples/raft: real processes, real TCP on
// loopback, real signals, real disks.
package raft_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// patience is how long a cluster may take to do what it must do.
const patience = 90 * time.Second

var binary string

func TestMain(m *testing.M) {
	var err error
	if binary, err = filepath.Abs("../../.tools/raft"); err == nil {
		_, err = os.Stat(binary)
	}
	if err != nil || os.Getenv("VECTORLITE") == "" {
		fmt.Println("the program of examples/raft and vectorlite.so are needed: run make rafttest")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// A cluster is three nodes, or more. Its log is kept short, so that a node that
// was away needs a snapshot.
type cluster struct {
	t     testing.TB
	nodes []*node
	puts  int // documents put so far
}

var shortLog = []string{"-snapshot-every", "1h", "-trailing", "5", "-retain", "2"}

func newCluster(t testing.TB, nodes int, flags ...string) *cluster {
	t.Helper()
	c := &cluster{t: t}
	for i := range nodes {
		n := newNode(t, filepath.Join(t.TempDir(), fmt.Sprint(i+1)), flags...)
		c.nodes = append(c.nodes, n)
		if i == 0 {
			n.start("-bootstrap")
			c.leader()
		} else {
			n.start("-join", c.nodes[0].http)
		}
	}
	for _, n := range c.nodes {
		n.wait(0, "ready")
	}
	return c
}

type status struct {
	State     string `json:"state"`
	Leader    string `json:"leader"`
	Applied   int    `json:"applied"`
	Snapshot  string `json:"last_snapshot"`
	Digest    string `json:"digest"`
	Documents int    `json:"documents"`
}

func get(url string, value any) error {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	body := new(bytes.Buffer)
	if err := do(request, patience, body); err != nil {
		return err
	}
	return json.Unmarshal(body.Bytes(), value)
}

// do copies the answer to a request, or returns what a node says is wrong with
// it.
func do(request *http.Request, timeout time.Duration, answer io.Writer) error {
	client := http.Client{Timeout: timeout}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		return fmt.Errorf("%s: %s", response.Status, text)
	}
	_, err = io.Copy(answer, response.Body)
	return err
}

// send sends something to a node; a follower passes on what is the leader's.
func (n *node) send(method, path string, body []byte, timeout time.Duration) error {
	request, err := http.NewRequest(method, "http://"+n.http+path, bytes.NewReader(body))
	if err == nil {
		err = do(request, timeout, io.Discard)
	}
	return err
}

func (n *node) status(query string) (s status, err error) {
	return s, get("http://"+n.http+"/status"+query, &s)
}

// leader waits until one of the nodes that run leads.
func (c *cluster) leader() *node {
	c.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, n := range c.nodes {
			if n.running() {
				if s, err := n.status(""); err == nil && s.State == "Leader" {
					return n
				}
			}
		}
	}
	c.t.Fatal("there is no leader")
	return nil
}

// applied is how far the leader is.
func (c *cluster) applied() int {
	c.t.Helper()
	s, err := c.leader().status("")
	if err != nil {
		c.t.Fatal(err)
	}
	return s.Applied
}

// follower is some node that does not lead.
func (c *cluster) follower() *node {
	c.t.Helper()
	leader := c.leader()
	for _, n := range c.nodes {
		if n != leader && n.running() {
			return n
		}
	}
	c.t.Fatal("there is no follower")
	return nil
}

// numbers is the vector of a document or a query.
func numbers(id int) string {
	v := make([]float64, 8)
	for i := range v {
		v[i] = math.Round(math.Sin(float64(id*(i+1)*(i+1)))*1e6) / 1e6
	}
	text, _ := json.Marshal(v)
	return string(text)
}

// documents is an entry: count of them from an id on, each with a text of a
// size.
func documents(from, count, size int) []byte {
	out := bytes.NewBufferString("[")
	for id := from; id < from+count; id++ {
		if id > from {
			out.WriteByte(',')
		}
		text := bytes.Repeat(fmt.Appendf(nil, "text of %d ", id), size/10+1)
		fmt.Fprintf(out, `{"id":%d,"text":%q,"vector":%s}`, id, text[:max(size, 10)], numbers(id))
	}
	out.WriteByte(']')
	return out.Bytes()
}

// put stores an entry through a node.
func put(n *node, entry []byte) error {
	return n.send(http.MethodPut, "/docs", entry, 20*time.Second)
}

// fill puts entries of ten documents of a size, one after another.
func (c *cluster) fill(entries, size int) {
	c.t.Helper()
	for range entries {
		entry := documents(c.puts+1, 10, size)
		for deadline := time.Now().Add(patience); ; {
			err := put(c.leader(), entry)
			if err == nil {
				break
			}
			if time.Now().After(deadline) {
				c.t.Fatal(err)
			}
		}
		c.puts += 10
	}
}

// takeSnapshot takes one and reads it.
func (n *node) takeSnapshot() {
	n.t.Helper()
	if err := n.send(http.MethodPost, "/snapshot", nil, 10*patience); err != nil {
		n.t.Fatal(err)
	}
}

// equal waits until all nodes have all documents and the same content, and
// then asks each for the same nearest neighbours.
func (c *cluster) equal(queries int) {
	c.t.Helper()
	var digest string
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		same := true
		digests := make([]status, len(c.nodes))
		for i, n := range c.nodes {
			s, err := n.status("?digest=1")
			digests[i] = s
			same = same && err == nil && s.Documents == c.puts && s.Digest == digests[0].Digest
		}
		if digest = digests[0].Digest; same {
			break
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("the nodes do not become equal with %d documents: %+v", c.puts, digests)
		}
	}
	for q := range queries {
		var want []byte
		for _, n := range c.nodes {
			var found []struct {
				ID       int
				Distance float64
			}
			if err := get("http://"+n.http+"/search?k=10&vector="+url.QueryEscape(numbers(-q-1)), &found); err != nil {
				c.t.Fatal(err)
			}
			got := fmt.Append(nil, found)
			if want == nil {
				want = got
			}
			if len(found) != min(10, c.puts) || !bytes.Equal(got, want) {
				c.t.Errorf("query %d, with digest %s: %s finds\n%s, others\n%s", q, digest, n.http, got, want)
			}
		}
	}
}
