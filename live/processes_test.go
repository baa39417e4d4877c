package live_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/live"
)

const mountinfo = `22 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw
23 22 0:21 / /proc rw,nosuid shared:5 - proc proc rw,hidepid=invisible
24 22 0:22 / /srv/with\040space rw - nfs4 server:/srv rw
241 22 0:23 / /tmp rw - tmpfs tmpfs rw
broken
25 22 0:24 / /no-dash rw
`

// The mount of a file is that of its id, and the last one on /proc counts.
func TestFindMount(t *testing.T) {
	over := mountinfo + "26 23 0:25 / /proc rw,relatime - proc proc rw,gid=5\n"
	for _, test := range []struct{ mounts, id, kind, proc, fails string }{
		{mountinfo, "22", "ext4", "rw,nosuid,rw,hidepid=invisible", ""},
		{mountinfo, "24", "nfs4", "rw,nosuid,rw,hidepid=invisible", ""},
		{mountinfo, "241", "tmpfs", "rw,nosuid,rw,hidepid=invisible", ""},
		{over, "22", "ext4", "rw,relatime,rw,gid=5", ""},
		{mountinfo, "25", "", "", "its mount is not listed"},
		{mountinfo, "99", "", "", "its mount is not listed"},
		{"", "22", "", "", "its mount is not listed"},
	} {
		kind, proc, err := live.FindMount(strings.NewReader(test.mounts), test.id)
		if kind != test.kind || proc != test.proc || (err == nil) != (test.fails == "") || err != nil && err.Error() != test.fails {
			t.Errorf("mount %s: got %q, %q, %v, want %q, %q, %s", test.id, kind, proc, err, test.kind, test.proc, test.fails)
		}
	}
}

func TestHiddenBy(t *testing.T) {
	const first, container = "pid:[4026531836]", "pid:[4026532000]"
	const outside, remote, hidden = "processes outside of this container may have it open", " may have users on other machines", "/proc is mounted with hidepid"
	for _, test := range []struct{ kind, proc, namespace, want string }{
		{"ext4", "rw", first, ""},
		{"tmpfs", "rw,relatime,rw", first, ""},
		{"ext4", "rw", container, outside},
		{"ext4", "rw", "", outside},
		{"overlay", "rw", container, ""},
		{"overlay", "rw", "", ""},
		{"nfs4", "rw", first, "a file system of type nfs4" + remote},
		{"fuse.sshfs", "rw", first, "a file system of type fuse.sshfs" + remote},
		{"ext", "rw", first, "a file system of type ext" + remote},
		{"ext4", "rw,hidepid=2", first, hidden},
		{"ext4", "hidepid=invisible,rw", first, hidden},
		{"overlay", "rw,hidepid=ptraceable", container, hidden},
		{"ext4", "rw,hidepid=0", first, ""},
		{"ext4", "rw,hidepid=off", first, ""},
		{"ext4", "rw,nohidepid=2", first, ""},
	} {
		if got := live.HiddenBy(test.kind, test.proc, test.namespace); got != test.want {
			t.Errorf("%s, %s, %s: got %q, want %q", test.kind, test.proc, test.namespace, got, test.want)
		}
	}
	if got := live.Hides(filepath.Join(t.TempDir(), "missing")); got != "how the file system is mounted cannot be told: no such file or directory" {
		t.Errorf("a missing file: got %q", got)
	}
}

// A process that ends while it is looked at has nothing open; one that cannot be
// looked at may have.
func TestDescriptorsOfAProcess(t *testing.T) {
	path := writeIndex(t, nil)
	cmd := exec.Command("sleep", "60")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = f
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	directory := "/proc/" + strconv.Itoa(cmd.Process.Pid) + "/fd"
	if open, err := live.HasOpen(directory, path); !open || err != nil {
		t.Errorf("a process that has it open: got %t, %v", open, err)
	}
	if open, err := live.HasOpen(directory, writeIndex(t, nil)); open || err != nil {
		t.Errorf("a process that has another one open: got %t, %v", open, err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	if open, err := live.HasOpen(directory, path); open || err != nil {
		t.Errorf("a process that has ended: got %t, %v", open, err)
	}
	if open, err := live.HasOpen(path, path); open || err == nil {
		t.Errorf("what is no directory: got %t, %v", open, err)
	}
}

// Without a descriptor of SQLite's nobody can be asked for.
func TestLockHolderOfNothing(t *testing.T) {
	who, err := live.LockHolder(1, 1)
	if want := "cannot tell who else has the database open: SQLite has no descriptor of it"; who != "" || err == nil || err.Error() != want {
		t.Errorf("got %q, %v, want %q", who, err, want)
	}
}

// A SQLite without the pragma gives no column, and a name is any spelling of it.
func TestListed(t *testing.T) {
	_, conn := connect(t)
	known := ofDriver(t, conn)
	for _, test := range []struct {
		pragma, name string
		want         bool
	}{
		{"PRAGMA module_list", "fts3", true},
		{"PRAGMA module_list", "vectorlite", false},
		{"PRAGMA compile_options", "threadsafe=1", true}, // which is in capitals
		{"PRAGMA there_is_no_such_pragma", "vectorlite", true},
	} {
		if got, err := known.Listed(test.pragma, test.name); got != test.want || err != nil {
			t.Errorf("%s, %s: got %t, %v, want %t", test.pragma, test.name, got, err, test.want)
		}
	}
}
