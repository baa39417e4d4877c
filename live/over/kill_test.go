package over_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/vxsnap/vxsnap/live/over"
)

func init() {
	roles["restore and be killed"] = func(args []string) {
		n, _ := strconv.Atoi(args[0])
		a := app{database: args[1], saved: args[2]}
		answer(a.restore(over.Options{FS: killedBefore(n)}))
	}
	roles["recover and be killed"] = func(args []string) {
		n, _ := strconv.Atoi(args[0])
		answer(over.Recover(context.Background(), args[1], over.Options{Stopped: true, FS: killedBefore(n)}))
	}
}

func answer(result any, err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	_ = result
}

// died runs a role that may be killed, and reports whether it was.
func died(t *testing.T, role string, args ...string) bool {
	t.Helper()
	err := inRole(role, args...).Run()
	if e := new(exec.ExitError); errors.As(err, &e) && e.ExitCode() == 3 {
		t.Fatalf("%q failed without a kill", args)
	}
	return err != nil
}

// sample says whether a test takes a step: the complete sweeps are for VXSNAP_LONG=1.
func sample(step, stride int) bool {
	return os.Getenv("VXSNAP_LONG") != "" || step%stride == 0
}

// Killed before any file operation, a restore leaves all old, all new, or a database that
// nobody can open; and whatever is left is undone by the next.
func TestKillAtEveryStep(t *testing.T) {
	found := make(map[string]int)
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			for n := 1; ; n++ {
				if name != "journal that stays" && !sample(n+len(name), 9) || !sample(n, 2) && n%5 > 0 {
					continue
				}
				a := shape.build(t)
				before := a.left(t)
				if !died(t, "restore and be killed", strconv.Itoa(n), a.database, a.saved) {
					break
				}
				is := a.is(t)
				if is != isOld && is != isNew && is != isError {
					t.Errorf("step %d: the application finds %s", n, is)
				}
				if half := over.HalfDone(a.database); half != (is == isError) {
					t.Errorf("step %d: the application finds %s, and half done is %t", n, is, half)
				}
				found[is]++
				if n%2 == 0 {
					recovered(t, a, n, is, before)
				}
				again(t, a, n, is)
			}
		})
	}
	if found[isOld] == 0 || found[isNew] == 0 || found[isError] == 0 {
		t.Errorf("the application has found %v, this tested too little", found)
	}
}

// recovered brings the old files back, and is killed itself meanwhile.
func recovered(t *testing.T, a app, n int, is string, before []string) {
	t.Helper()
	for m := 1; died(t, "recover and be killed", strconv.Itoa(m), a.database); m += 3 {
		if now := a.is(t); now != is && (is != isError || now != isOld) {
			t.Errorf("step %d, way back %d: the application finds %s, was %s", n, m, now, is)
		}
	}
	if is == isNew {
		return
	}
	a.want(t, fmt.Sprintf("step %d, the way back", n), isOld)
	if left := a.left(t); !slices.Equal(left, before) {
		t.Errorf("step %d, the way back: there are %q, want %q", n, left, before)
	}
}

func again(t *testing.T, a app, n int, is string) {
	t.Helper()
	half := over.HalfDone(a.database)
	r, err := a.restore(over.Options{})
	if err != nil {
		t.Fatalf("step %d, again: %v", n, err)
	}
	if half != (r.Found == over.FoundHalfDone) {
		t.Errorf("step %d, again: it found %q, half done is %t", n, r.Found, half)
	}
	a.want(t, fmt.Sprintf("step %d, again", n), isNew)
	for _, path := range a.left(t) {
		if ext := filepath.Ext(path); ext == ".restoring" {
			t.Errorf("step %d, again: left %s", n, path)
		}
	}
	if is != isNew {
		goBack(t, a, r)
		a.want(t, fmt.Sprintf("step %d, by hand", n), isOld)
	}
}
