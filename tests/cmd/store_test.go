package cmd_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// A store: made with --create, saved into, listed, verified, restored and pruned.
func TestStore(t *testing.T) {
	p := newPlace(t)
	if got := p.good("save", "app.db", "--store", "nights.db", "--create", "--chunk-size", "8192", "--compress"); !regexp.MustCompile(`^nights\.db@1: 6\.\d MB\n$`).MatchString(got) {
		t.Errorf("printed %q", got)
	}
	if got := p.sqlite("nights.db", "SELECT chunk_size, compression FROM setting"); got != "8192|zstd\n" {
		t.Errorf("the setting is %q", got)
	}
	size := p.sqlite("nights.db", "SELECT sum(length(data)) FROM data")
	p.sqlite("app.db", "UPDATE t SET b = randomblob(20000) WHERE id = 7")
	p.good("save", "app.db", "--store", "nights.db", "--create") // it is there already
	p.good("save", "app.db", "--store", "nights.db", "--quiet")
	var before, after int
	fmt.Sscan(size, &before)
	fmt.Sscan(p.sqlite("nights.db", "SELECT sum(length(data)) FROM data"), &after)
	if after-before > 100000 {
		t.Errorf("a row of 20000 bytes that changed cost %d", after-before)
	}
	p.has("app.db", "nights.db")

	line := func(n int) string {
		return fmt.Sprintf(`nights\.db@%d +20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ +\d+s +6\.\d MB\n`, n)
	}
	if got, want := p.good("list", "nights.db"), `^SNAPSHOT +TAKEN +AGE +SIZE\n`+line(1)+line(2)+line(3)+"$"; !regexp.MustCompile(want).MatchString(got) {
		t.Errorf("listed %q", got)
	}
	if got, want := p.good("list", "nights.db", "--newest"), `^SNAPSHOT +TAKEN +AGE +SIZE\n`+line(3)+"$"; !regexp.MustCompile(want).MatchString(got) {
		t.Errorf("listed %q", got)
	}
	if got := p.good("verify", "nights.db"); !strings.HasPrefix(got, "nights.db@3: ok, 6.") {
		t.Errorf("printed %q", got)
	}
	if got := p.good("verify", "nights.db", "--all"); got != "nights.db: ok\n" {
		t.Errorf("printed %q", got)
	}
	p.good("restore", "nights.db", "newest")
	p.same("newest")
	p.good("restore", "nights.db@1", "first")
	if got := p.sqlite("first/database.db", "ATTACH 'app.db' AS a", "SELECT count(*) FROM t JOIN a.t AS u USING (id) WHERE t.b <> u.b"); got != "1\n" {
		t.Errorf("%q rows differ", got)
	}
	p.sqlite("nights.db", "UPDATE snapshot SET created_at = created_at - 86400000 * (3 - n)")
	if got := p.good("prune", "nights.db", "--keep-daily", "2"); got != "nights.db: 1 dropped, 2 kept\n" {
		t.Errorf("printed %q", got)
	}
	if got := p.good("prune", "nights.db", "--keep-last", "1", "-q"); got != "" {
		t.Errorf("printed %q", got)
	}
	if got := p.good("list", "nights.db"); strings.Count(got, "\n") != 2 || !strings.Contains(got, "nights.db@3") {
		t.Errorf("listed %q", got)
	}
}

// --max-age is exit code 4 of a store or a folder whose newest snapshot is older, or that
// has none; what is printed and written stays.
func TestMaxAge(t *testing.T) {
	p := newPlace(t)
	p.sh("mkdir", "folder")
	p.good("save", "app.db", "--store", "nights.db", "--create")
	p.good("save", "app.db", "folder/b.tar.zst")
	p.good("save", "app.db", "folder/a.tar")
	p.sh("sh", "-c", "echo no >folder/other; echo no >folder/.hidden.tar")
	if got := p.good("list", "folder"); !regexp.MustCompile(`(?s)^SNAPSHOT.*\nfolder/b\.tar\.zst .*\nfolder/a\.tar [^\n]*\n$`).MatchString(got) {
		t.Errorf("listed %q", got)
	}
	for _, source := range []string{"nights.db", "folder"} {
		p.good("list", source, "--max-age", "26h", "--verify")
		o := p.run("list", source, "--max-age", "1ms", "--newest", "--metrics", "m.prom")
		if want := regexp.MustCompile(`^vxsnap: too old: the newest snapshot, '(nights\.db@1|folder/a\.tar)', is \d+s old, more than 1ms\n$`); o.code != 4 || strings.Count(o.stdout, "\n") != 2 || !want.MatchString(o.stderr) {
			t.Errorf("%+v", o)
		}
		p.sh("rm", "m.prom")
	}
	p.sqlite("nights.db", "UPDATE snapshot SET created_at = created_at - 27 * 3600000")
	if o := p.run("list", "nights.db", "--max-age", "26h", "-q"); o.code != 4 || o.stdout != "" || !strings.Contains(o.stderr, "is 1.1 days old, more than 26h0m0s") {
		t.Errorf("%+v", o)
	}
	// A clock that goes wrong tells nothing; one that differs by seconds is none.
	p.sqlite("nights.db", "UPDATE snapshot SET created_at = created_at + 28 * 3600000")
	p.fails(p.run("list", "nights.db", "--max-age", "26h", "-q"), 1, "the newest snapshot, 'nights.db@1', is taken in ")
	p.good("list", "nights.db")
	p.sqlite("nights.db", "UPDATE snapshot SET created_at = created_at - 3600000 + 60000")
	p.good("list", "nights.db", "--max-age", "26h")
	p.sqlite("nights.db", "DELETE FROM night")
	p.sh("mkdir", "none")
	for _, source := range []string{"nights.db", "none"} {
		p.good("list", source)
		if o := p.run("list", source, "--max-age", "26h", "-q"); o.code != 4 || o.stderr != "vxsnap: too old: '"+source+"' has no snapshot\n" {
			t.Errorf("%+v", o)
		}
	}
	p.fails(p.run("verify", "nights.db"), 1, "'nights.db' has no snapshot; vxsnap save DB --store 'nights.db' makes one")
}

// What is damaged is exit code 3 of list: a saved file whose beginning is no snapshot, and
// with --verify every byte of the newest.
func TestListDamaged(t *testing.T) {
	p := newPlace(t)
	p.sh("mkdir", "folder")
	p.good("save", "app.db", "folder/good.tar")
	p.sh("sh", "-c", "echo no >folder/bad.tar")
	o := p.run("list", "folder", "--max-age", "26h", "--metrics", "none.prom")
	if strings.Contains(strings.Join(p.names(), " "), "none.prom") {
		t.Error("a list that failed wrote metrics")
	}
	if o.code != 3 || !strings.Contains(o.stdout, "folder/good.tar") || !strings.Contains(o.stderr, "'folder/bad.tar': incomplete") {
		t.Errorf("%+v", o)
	}
	p.sh("sh", "-c", "rm folder/bad.tar; printf Q | dd of=folder/good.tar bs=1 seek=3000000 conv=notrunc status=none")
	p.good("list", "folder", "--max-age", "26h")
	o = p.run("list", "folder", "--max-age", "26h", "--verify", "--metrics", "m.prom")
	if o.code != 3 || !strings.HasSuffix(o.stdout, "  damaged\n") || !strings.Contains(o.stderr, "checksum mismatch") {
		t.Errorf("%+v", o)
	}
	if got := p.sh("grep", "^vxsnap_snapshot_verified", "m.prom"); !strings.HasSuffix(got, "} 0\n") {
		t.Errorf("the metric is %q", got)
	}
}
