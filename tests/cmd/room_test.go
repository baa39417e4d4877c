package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// root is the absolute path of a file of the project.
func root(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// The command is one file that needs no other.
func TestStatic(t *testing.T) {
	p := &place{t, t.TempDir()}
	out, _ := exec.Command("ldd", command).CombinedOutput()
	if got := string(out); !strings.Contains(got, "not a dynamic executable") {
		t.Errorf("ldd says %q", got)
	}
	if got := p.good("version"); !strings.HasPrefix(got, "vxsnap v") || strings.Contains(got, "unknown") && !strings.Contains(got, "commit unknown") {
		t.Errorf("printed %q", got)
	}
}

// It runs in a root that has nothing but it and a database. Only what concerns index files
// needs /proc.
func TestEmptyRoot(t *testing.T) {
	p := newPlace(t)
	p.sh("cp", command, "vxsnap")
	for _, args := range []string{
		"save /app.db /x.tar.zst", "save app.db --store nights.db --create", "save app.db --store nights.db", "list nights.db --max-age 1h",
		"list /", "verify /x.tar.zst", "verify nights.db --all", "restore x.tar.zst /out", "restore nights.db@1 out2",
		"files app.db", "prune nights.db --keep-last 1", "version", "help", "completion bash",
	} {
		cmd := exec.Command("/vxsnap", strings.Fields(args)...)
		cmd.Dir, cmd.Env = "/", []string{}
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: p.dir}
		if os.Getuid() != 0 {
			cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
			cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("vxsnap %s: %v\n%s", args, err, out)
		}
	}
	p.same("out")
	p.same("out2")
	p.has("app.db", "vxsnap", "x.tar.zst", "nights.db", "out", "out2")
}

// It runs on a system without glibc, such as Alpine: busybox and /proc are all there is.
// There it takes index files too.
func TestRootWithoutGlibc(t *testing.T) {
	p := newPlace(t)
	p.sh("sh", "-c", "mkdir bin proc tmp && cp "+command+` bin/vxsnap && cp "$(command -v busybox)" bin/sh && ! ldd bin/sh 2>/dev/null`)
	p.vectors("/docs.idx")
	p.sh("sh", "-c", "mv /docs.idx .")
	script := `set -e
		cd / && vxsnap save v.db v.tar.zst && vxsnap verify v.tar.zst && vxsnap restore v.tar.zst out
		vxsnap save v.db - | vxsnap restore - piped
		vxsnap save app.db --store nights.db --create && vxsnap list nights.db --max-age 1h`
	flags := []string{"--mount", "--pid", "--fork", "--mount-proc", "--root=" + p.dir, "/bin/sh", "-c", script}
	if os.Getuid() != 0 {
		flags = append([]string{"--map-root-user"}, flags...)
	}
	cmd := exec.Command("unshare", flags...)
	cmd.Env = []string{"PATH=/bin"}
	cmd.Path, _ = exec.LookPath("unshare")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, out := range []string{"out", "piped"} {
		p.sh("cmp", "docs.idx", out+"/index_0.idx")
	}
}
