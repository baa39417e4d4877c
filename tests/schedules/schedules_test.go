package schedules_test

import (
	"fmt"
	"os"
	"testing"
)

// stride is how many steps a sample goes on from one to the next. VXSNAP_LONG=1
// takes every step of every case.
func stride() int {
	if os.Getenv("VXSNAP_LONG") != "" {
		return 1
	}
	return 41
}

// Every event at every step, from every start.
func TestSchedules(t *testing.T) {
	n := newTally()
	for _, from := range starts {
		sweep(t, n, from, events, stride())
	}
	t.Log(n)
	for _, e := range events {
		if n.whole[e.name] == 0 && !e.fails && stride() == 1 {
			t.Errorf("%s: never came to its end, this tested nothing", e.name)
		}
	}
}

// Cases in which only the order of the pin's own steps helps, at all steps.
func TestCriticalSchedules(t *testing.T) {
	for _, test := range []struct {
		name, start, event string
	}{
		// Whoever does not ask whether a commit came between the two looks at the
		// wal-index has tables of one commit and bytes of another.
		{"a commit while the pin begins", "nothing backfilled", "commit that renames the index table"},
		{"a commit while the pin begins", "wholly backfilled", "commit that renames the index table"},
		// Whoever reads the header before nBackfill gets the header of before with
		// the 0 of a WAL that was restarted, and reads frames that nobody keeps.
		{"a restart while the pin looks", "wholly backfilled", "a restart whose disk is full"},
		{"a restart while the pin looks", "wholly backfilled", "RESTART, as many frames as before"},
		// ... or the header of before with an nBackfill that seems to say that the
		// file has all of it; but the checkpoint left out what was committed since.
		{"a checkpoint while the pin looks", "nothing backfilled", "commit, RESTART"},
		// Whoever does not ask again for the journal mode leaves out the new WAL.
		{"another journal mode while the pin begins", "rollback journal", "WAL mode"},
	} {
		t.Run(test.name+"/"+test.start+"/"+test.event, func(t *testing.T) {
			n := newTally()
			sweep(t, n, find(t, starts, test.start), []event{find(t, events, test.event)}, 1)
			t.Log(n)
		})
	}
}

func (s start) named() string { return s.name }
func (e event) named() string { return e.name }

func find[T interface{ named() string }](t *testing.T, all []T, name string) T {
	for _, one := range all {
		if one.named() == name {
			return one
		}
	}
	t.Fatalf("nothing is named %q", name)
	return all[0]
}

// sweep takes one snapshot to count its steps, and for each event one for every
// stride-th step. It ends with the first that is wrong.
func sweep(t *testing.T, n *tally, from start, all []event, stride int) {
	for _, by := range hosts {
		for _, pageSize := range []int{512, 65536} {
			t.Run(fmt.Sprintf("%s/%s/%d", from.name, by.schema, pageSize), func(t *testing.T) {
				last, ok := once(t, n, 0, from, by, pageSize, all[0])
				for i, e := range all { // a sample meets other steps for each event
					for step := 1 + 7*i%stride; ok && step <= last; step += stride {
						_, ok = once(t, n, step, from, by, pageSize, e)
					}
				}
			})
		}
	}
}

// once takes one snapshot, and says how many steps it had.
func once(t *testing.T, n *tally, step int, from start, by host, pageSize int, e event) (steps int, ok bool) {
	ok = t.Run(fmt.Sprintf("%s/%d", e.name, step), func(t *testing.T) {
		s := newStage(t, from, by, pageSize)
		o := s.take(t, step, e.script(s))
		steps = int(o.steps)
		if got := s.wrong(&o); got != "" {
			t.Errorf("%s: %s", &o, got)
		}
		if step == 0 {
			return
		}
		if o.place == "" {
			t.Errorf("step %d did not come", step)
		}
		n.add(&o, e)
	})
	return steps, ok
}
