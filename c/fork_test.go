package c_test

import (
	"os/exec"
	"strings"
	"testing"
)

// A child with a copy of the memory is told, whoever made it; one that shares the
// memory, and with it the threads of Go, is not. Where there are only process ids
// to compare, the first holds all the same.
func TestForked(t *testing.T) {
	program := compiled(t, "testdata/fork.c", "fork.c")
	for _, c := range []struct{ madvise, want string }{
		{"kernel", "here 0, fork 1, clone 1, child of a child 1, shared memory 0, vfork 0, here 0"},
		{"refuses", "here 0, fork 1, clone 1, child of a child 1, shared memory 1, vfork 1, here 0"},
		{"ignores", "here 0, fork 1, clone 1, child of a child 1, shared memory 1, vfork 1, here 0"},
	} {
		out, err := exec.Command(program, c.madvise).CombinedOutput()
		if got := strings.TrimSpace(string(out)); got != c.want || err != nil {
			t.Errorf("madvise: %s: got %s, %v, want %s", c.madvise, got, err, c.want)
		}
	}
}
