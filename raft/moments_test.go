package raftsnap_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/raft"
)

// A held is a snapshot that is not persisted yet, and what its state answered.
type held struct {
	raft.FSMSnapshot
	want string
}

// check persists a snapshot, and reports an error unless another node answers
// from it as the state did at its moment.
func (h held) check(t *testing.T) {
	t.Helper()
	out := newSink()
	if err := h.Persist(out); err != nil {
		t.Errorf("Persist: %v", err)
		return
	}
	other := open(t, t.TempDir())
	if err := restore(other, out.Bytes()); err != nil {
		t.Error(err)
	} else if got := content(t, other); got != h.want {
		t.Errorf("the snapshot answers\n%s\nwant\n%s", got, h.want)
	}
}

// Snapshots that are held at once each persist their own moment, whichever is
// persisted and released first.
func TestMomentsAtOnce(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			directory := t.TempDir()
			s := open(t, directory)
			var moments []held
			for i := range 3 {
				fill(t, s, 1+20*i, 20+20*i)
				want := content(t, s)
				moments = append(moments, held{snap(t, s), want})
			}
			fill(t, s, 61, 70)
			now := content(t, s)
			for _, i := range order {
				moments[i].check(t)
				moments[i].check(t) // the same again
				moments[i].Release()
			}
			held{snap(t, s), now}.check(t)
			state, err := os.ReadDir(filepath.Join(directory, current(t, directory)))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range state {
				if strings.HasPrefix(e.Name(), ".") {
					t.Errorf("the state holds %s", e.Name())
				}
			}
		})
	}
}

// The next snapshot is taken while the one before is being persisted.
func TestMomentUnderPersist(t *testing.T) {
	s := open(t, t.TempDir())
	fill(t, s, 1, 300)
	first := held{snap(t, s), content(t, s)}
	out := newSink()
	var second held
	out.onWriting = func() {
		if second.FSMSnapshot == nil {
			fill(t, s, 301, 310)
			second = held{snap(t, s), content(t, s)}
		}
	}
	if err := first.Persist(out); err != nil {
		t.Fatal(err)
	}
	other := open(t, t.TempDir())
	if err := restore(other, out.Bytes()); err != nil {
		t.Fatal(err)
	}
	if content(t, other) != first.want {
		t.Error("the first snapshot is not its own moment")
	}
	first.Release()
	second.check(t)
}

// Two snapshots are persisted at once, and a third is taken meanwhile, whose flush
// gives the index a new file: the two have theirs open, read or not, and persist it.
func TestPersistsAcrossAFlush(t *testing.T) {
	for _, pause := range []int{1, 4, 6} { // before the index is read, and after
		directory := t.TempDir()
		s := open(t, directory)
		index := func() os.FileInfo {
			info, err := os.Stat(filepath.Join(directory, current(t, directory), "docs.idx"))
			if err != nil {
				t.Fatal(err)
			}
			return info
		}
		var moments []held
		var outs []*sink
		var seen []os.FileInfo
		var paused, done sync.WaitGroup
		goOn := make(chan struct{})
		for i := range 2 {
			fill(t, s, 1+20*i, 20+20*i)
			moment, out, writes := held{snap(t, s), content(t, s)}, newSink(), 0
			seen = append(seen, index())
			paused.Add(1)
			here := sync.OnceFunc(paused.Done)
			out.onWriting = func() {
				if writes++; writes == pause {
					here()
					<-goOn
				}
			}
			moments, outs = append(moments, moment), append(outs, out)
			done.Go(func() {
				defer here() // where it fails before
				if err := moment.Persist(out); err != nil {
					t.Errorf("pause at write %d: Persist: %v", pause, err)
				}
			})
		}
		paused.Wait()
		fill(t, s, 41, 60)
		third := held{snap(t, s), content(t, s)}
		for i, before := range seen {
			if os.SameFile(before, index()) {
				t.Errorf("pause at write %d: a flush wrote into the file of snapshot %d", pause, i)
			}
		}
		close(goOn)
		done.Wait()
		for i, out := range outs {
			other := open(t, t.TempDir())
			if err := restore(other, out.Bytes()); err != nil {
				t.Errorf("pause at write %d: snapshot %d: %v", pause, i, err)
			} else if got := content(t, other); got != moments[i].want {
				t.Errorf("pause at write %d: snapshot %d answers\n%s\nwant\n%s", pause, i, got, moments[i].want)
			}
			moments[i].Release()
		}
		third.check(t)
	}
}

// A restore between two snapshots: each has the state it was taken of.
func TestMomentsAroundRestore(t *testing.T) {
	other := open(t, t.TempDir())
	fill(t, other, 1, 10)
	payload := persisted(t, other)
	for _, swap := range []bool{false, true} {
		directory := t.TempDir()
		s := open(t, directory)
		fill(t, s, 1, 30)
		before := held{snap(t, s), content(t, s)}
		if err := restore(s, payload); err != nil {
			t.Fatal(err)
		}
		fill(t, s, 11, 15)
		after := held{snap(t, s), content(t, s)}
		fill(t, s, 16, 20)
		late := held{snap(t, s), content(t, s)}
		moments := []held{before, after, late}
		if swap {
			moments = []held{late, after, before}
		}
		for _, moment := range moments {
			moment.check(t)
			moment.Release()
		}
		if got := list(t, directory); got != "current state" {
			t.Errorf("in the end the directory holds %q", got)
		}
	}
}
