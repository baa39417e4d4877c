package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A disk that is full is exit code 1, and leaves what was there: nothing of the file or the
// directory, and the store with the snapshots that it had; one that was made has none.
func TestFullDisk(t *testing.T) {
	p := newPlace(t)
	p.good("save", "app.db", "x.tar.zst")
	p.sqlite("small.db", "CREATE TABLE t(a)")
	script := `mount -t tmpfs -o size=4m tmpfs disk && ` + command + ` save small.db --store disk/nights.db --create -q
		for args in 'save app.db disk/y.tar' 'save app.db --store disk/nights.db' 'save app.db --store disk/new.db --create' 'restore x.tar.zst disk/out'; do
			` + command + ` $args 2>err; echo "$? $(grep -c . err) $(grep -ciE 'no space left|is full' err)"
		done
		` + command + ` verify disk/nights.db --all; ls -A disk`
	flags := []string{"--mount", "sh", "-c", script}
	if os.Getuid() != 0 {
		flags = append([]string{"--map-root-user"}, flags...)
	}
	if err := os.Mkdir(filepath.Join(p.dir, "disk"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", flags...)
	cmd.Dir = p.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := strings.Repeat("1 1 1\n", 4) + "disk/nights.db: ok\nnew.db\nnights.db\n"
	if got := string(out); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
