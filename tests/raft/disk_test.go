package raft_test

import (
	"encoding/json"
	"fmt"
	"hash/crc64"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mount makes a file system of a size, and gives a function that changes it.
func mount(t *testing.T, dir string, megabytes int) func(megabytes int) {
	t.Helper()
	run := func(args ...string) {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v: %s (this test needs root)", args, err, out)
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	run("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", megabytes), "tmpfs", dir)
	t.Cleanup(func() { run("umount", "-l", dir) })
	return func(megabytes int) { run("mount", "-o", fmt.Sprintf("remount,size=%dm", megabytes), dir) }
}

// A follower whose disk has no room for a snapshot, or for the state made of it,
// keeps its old state and answers from it. It catches up when there is room.
func TestFullDisk(t *testing.T) {
	c := newCluster(t, 2, shortLog...)
	dir := filepath.Join(t.TempDir(), "small")
	resize := mount(t, dir, 100)
	small := newNode(t, filepath.Join(dir, "node"), shortLog...)
	small.start("-join", c.nodes[0].http)
	small.wait(0, "ready")
	c.nodes = append(c.nodes, small)
	c.fill(20, 1000)
	c.equal(1)
	small.takeSnapshot()
	old, err := small.status("?digest=1")
	if err != nil {
		t.Fatal(err)
	}

	small.kill()
	c.fill(50, 100_000) // 50 MB
	c.leader().takeSnapshot()
	size := small.log.size()
	for _, step := range []struct {
		megabytes int
		says      string
	}{
		{30, `failed to copy snapshot.*no space left on device`},
		{90, `restore: failed, the old state stays.*no space left on device`},
	} {
		resize(step.megabytes)
		if !small.running() {
			small.start()
		}
		small.wait(size, step.says)
		got, err := small.status("?digest=1")
		if err != nil || got.Digest != old.Digest || got.Applied != old.Applied {
			t.Errorf("with %d MB: %+v, %v, want %+v", step.megabytes, got, err, old)
		}
		small.kill()
		small.checkState()
		size = small.log.size()
	}
	resize(400)
	small.start()
	c.equal(3)

	// A disk that fills up under Apply, or under the log: the node ends with a
	// reason or stands still, and then has what it was given before.
	size = small.log.size()
	resize(used(t, dir) + 2)
	c.fill(10, 100_000)
	small.wait(size, "no space left on device|database or disk is full")
	if got, err := small.status(""); err == nil && got.Applied >= c.applied() {
		t.Errorf("a node whose disk is full has applied %d entries", got.Applied)
	}
	small.kill()
	small.checkState()
	resize(600)
	small.start()
	c.equal(1)
}

// used is how many megabytes of a file system are in use.
func used(t *testing.T, dir string) (megabytes int) {
	t.Helper()
	out, err := exec.Command("df", "--block-size=1M", "--output=used", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(out)) // a heading, and the number
	if _, err := fmt.Sscan(fields[len(fields)-1], &megabytes); err != nil {
		t.Fatal(err)
	}
	return megabytes
}

// snapshots lists the snapshot directories of a node that is no more, the
// newest first.
func (n *node) snapshots() []string {
	n.t.Helper()
	found, err := filepath.Glob(filepath.Join(n.dir, "snapshots", "*-*-*"))
	if err != nil || len(found) == 0 {
		n.t.Fatalf("%s has the snapshots %q, %v", n.http, found, err)
	}
	slices.SortFunc(found, func(a, b string) int { return index(b) - index(a) })
	return found
}

// index is the raft index in the name of a snapshot, term-index-milliseconds.
func index(path string) (index int) {
	var term int
	fmt.Sscanf(filepath.Base(path), "%d-%d-", &term, &index)
	return index
}

// damage changes a byte of a snapshot; with a new CRC, raft does not see it.
func damage(t *testing.T, dir string, newCRC bool) {
	t.Helper()
	state := filepath.Join(dir, "state.bin")
	image, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	image[len(image)/2]++
	if err := os.WriteFile(state, image, 0o600); err != nil {
		t.Fatal(err)
	}
	if !newCRC {
		return
	}
	sum := crc64.New(crc64.MakeTable(crc64.ECMA))
	sum.Write(image)
	path, meta := filepath.Join(dir, "meta.json"), map[string]any{}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &meta); err != nil {
		t.Fatal(err)
	}
	meta["CRC"] = sum.Sum(nil)
	if text, err = json.Marshal(meta); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A snapshot that was damaged on disk is refused, with the reason; an older one
// and the log serve. Where there is none, the node says what to do, and a
// snapshot of the leader serves.
func TestCorruptedSnapshot(t *testing.T) {
	flags := []string{"-snapshot-every", "1h", "-trailing", "1000", "-retain", "2"}
	c := newCluster(t, 3, flags...)
	f := c.follower()
	for range 2 {
		c.fill(10, 1000)
		c.equal(1)
		f.takeSnapshot()
	}
	c.fill(5, 1000)
	for _, test := range []struct {
		newCRC bool
		says   string
	}{
		{false, "CRC mismatch"},
		{true, "restore: failed, the old state stays.* checksum mismatch: the end record says"},
	} {
		f.stop()
		damage(t, f.snapshots()[0], test.newCRC)
		size := f.log.size()
		f.start()
		f.wait(size, test.says)
		f.wait(size, fmt.Sprintf("restored from snapshot: id=%s", filepath.Base(f.snapshots()[1])))
		c.equal(3)
	}

	f.stop()
	damage(t, f.snapshots()[1], true)
	size := f.log.size()
	f.start()
	<-f.exited
	if code := f.command.ProcessState.ExitCode(); code != 1 {
		t.Errorf("a node without a good snapshot ends with code %d", code)
	}
	f.wait(size, "failed to load any existing snapshots(.|\n)*Remove it from the cluster")
	f.checkState()
	leader := c.leader()
	leader.takeSnapshot()
	change(t, leader, "remove", f)
	if err := os.RemoveAll(f.dir); err != nil {
		t.Fatal(err)
	}
	f.start("-join", leader.http)
	c.equal(3)
}

// The log begins behind the snapshot that can be restored: an error, not a panic.
func TestGap(t *testing.T) {
	c := newCluster(t, 1, "-snapshot-every", "1h", "-trailing", "0", "-retain", "2")
	for range 2 {
		c.fill(10, 100)
		c.nodes[0].takeSnapshot()
	}
	c.fill(1, 100)
	c.nodes[0].stop()
	damage(t, c.nodes[0].snapshots()[0], true)
	size := c.nodes[0].log.size()
	c.nodes[0].start()
	<-c.nodes[0].exited
	c.nodes[0].wait(size, "raft: log not found(.|\n)*do not give its state any more")
}
