package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The exit codes, and the sentences that go with them. What fails leaves nothing.
func TestExitCodes(t *testing.T) {
	p := newPlace(t)
	p.good("save", "app.db", "good.tar")
	p.good("save", "app.db", "--store", "nights.db", "--create")
	p.sh("sh", "-c", `echo hello >text; : >empty; head -c 3000000 good.tar >cut.tar; cp good.tar bad.tar
		printf Q | dd of=bad.tar bs=1 seek=3000000 conv=notrunc status=none
		cp nights.db badnights.db; sqlite3 badnights.db "UPDATE data SET data = zeroblob(4096) WHERE id = 700"
		sqlite3 other.db 'CREATE TABLE x(y)'; mkdir folder full; echo >full/x`)
	before := strings.Join(p.names(), " ")
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"", 2, "name a command; vxsnap help lists them"},
		{"nope", 2, `unknown command "nope"`},
		{"--nope", 2, "unknown flag: --nope; see vxsnap help"},

		{"save", 2, "save takes DB and FILE.tar.zst, FILE.tar, - or --store STORE, got 0 arguments"},
		{"save app.db", 2, "save takes one of FILE.tar.zst, FILE.tar, - and --store STORE"},
		{"save app.db x.tar --store nights.db", 2, "save takes one of"},
		{"save app.db --store=", 2, "save takes one of"},
		{"save app.db x.tar --metrics good.tar", 2, "--metrics is 'good.tar', must end with .prom"},
		{"save app.db x.tar --metrics=", 2, "--metrics is '', must end with .prom"},
		{"list nights.db --metrics nights.db", 2, "--metrics is 'nights.db', must end with .prom"},
		{"save app.db x.zip", 2, "path 'x.zip' must end with .tar or .tar.zst"},
		{"save app.db x.tar --compress", 2, "--compress is for - and for --store with --create"},
		{"save app.db x.tar --create", 2, "--create is for --store"},
		{"save app.db --store nights.db --chunk-size 512", 2, "--chunk-size is for --store with --create"},
		{"save app.db x.tar --index-files some", 2, `--index-files must be auto, disk or none, got "some"`},
		{"save app.db x.tar --timeout -1s", 2, "--timeout is -1s, must be 0 or more"},
		{"save app.db x.tar --timeout soon", 2, "invalid argument"},
		{"save missing.db x.tar", 1, "database 'missing.db' does not exist"},
		{"save missing.db -", 1, "database 'missing.db' does not exist"},
		{"save missing.db --store nights.db", 1, "database 'missing.db' does not exist"},
		{"save missing.db --store new.db --create", 1, "database 'missing.db' does not exist"},
		{"save text x.tar", 1, "does not begin as an SQLite database does"},
		{"save folder x.tar", 1, "path 'folder' is no regular file; give that of a database"},
		{"save app.db good.tar", 1, "exists, and is not replaced; name another, or remove it first"},
		{"save app.db nowhere/x.tar", 1, "does not exist; make it first"},
		{"save app.db --store new.db", 1, "store 'new.db' does not exist; --create makes it"},
		{"save app.db --store other.db", 1, "it is not a store of version 1; vxsnap save DB --store FILE --create makes a new one"},
		{"save app.db --store other.db --create", 1, "it is not a store of version 1"},
		{"save app.db --store text", 1, "it is not a store of version 1"},
		{"save app.db --store new.db --create --chunk-size 1", 2, "--chunk-size is 1, must be from 512 to 268435456 bytes"},

		{"list", 2, "list takes STORE or FOLDER, got 0 arguments"},
		{"list missing.db", 1, "store 'missing.db' does not exist"},
		{"list text", 1, "it is not a store of version 1"},
		{"list other.db", 1, "it is not a store of version 1"},
		{"list nights.db --max-age 0s", 2, "--max-age is 0s, must be longer than 0"},

		{"verify", 2, "verify takes SOURCE, got 0 arguments"},
		{"verify missing.tar", 1, "'missing.tar' does not exist; give a saved file, - or a store"},
		{"verify folder", 1, "'folder' is a directory; give a saved file, - or a store"},
		{"verify bad.tar", 3, "database.db: checksum mismatch"},
		{"verify cut.tar", 3, "incomplete: the stream ends before database.db is whole"},
		{"verify text", 3, "incomplete: the stream ends before metadata.json is whole"},
		{"verify empty", 3, "incomplete"},
		{"verify other.db", 1, "it is not a store of version 1"},
		{"verify badnights.db", 3, "verify: 'badnights.db@1': database.db: checksum mismatch"},
		{"verify badnights.db --all", 3, "snapshot 1: database.db: checksum mismatch"},
		{"verify good.tar --all", 2, "--all is for a store, and 'good.tar' is none"},
		{"verify nights.db@2", 1, "'nights.db' has no snapshot 2; vxsnap list 'nights.db' shows those that it has"},
		{"verify nights.db@x", 1, `'nights.db@x' does not exist, and "x" behind the @ is not the number of a snapshot`},
		{"verify nights.db@0", 1, "is not the number of a snapshot, must be 1 or more"},
		{"verify good.tar@1", 2, "'good.tar' is not a store, so that it has no snapshot 1"},

		{"restore good.tar", 2, "restore takes SOURCE and DIR, got 1 arguments"},
		{"restore bad.tar out", 3, "checksum mismatch"},
		{"restore cut.tar out", 3, "incomplete"},
		{"restore missing.tar out", 1, "'missing.tar' does not exist"},
		{"restore good.tar full", 1, "directory 'full' is not empty"},
		{"restore good.tar text", 1, "'text' exists and is not a directory"},
		{"restore badnights.db out", 3, "checksum mismatch"},
		{"restore nights.db@9 out", 1, "has no snapshot 9"},
		{"restore good.tar --over none.db", 1, "there is no database 'none.db' to replace; restore to a directory instead"},
		{"restore good.tar out --over app.db", 2, "restore takes SOURCE, with --over DB, got 2 arguments"},

		{"prune nights.db", 2, "prune takes --keep-last, --keep-daily, --keep-weekly and --keep-monthly"},
		{"prune nights.db --keep-last 1 --keep-daily -1", 2, "each 0 or more, and one at least 1"},
		{"prune missing.db --keep-last 1", 1, "store 'missing.db' does not exist"},
		{"prune --keep-last 1", 2, "prune takes STORE, got 0 arguments"},

		{"relocate", 2, "relocate takes DIR, got 0 arguments"},
		{"relocate folder", 1, "does not exist"},
		{"files missing.db", 1, "database 'missing.db' does not exist"},
		{"files text", 1, "file is not a database"},
		{"version 2", 2, "version takes nothing, got 1 arguments"},
	} {
		p.fails(p.run(strings.Fields(c.args)...), c.code, c.says)
		if after := strings.Join(p.names(), " "); after != before {
			t.Fatalf("vxsnap %s left %s, there was %s", c.args, after, before)
		}
	}
	p.fails(p.run("save", "app.db", ""), 2, "the name of FILE is empty")
}

// The help names every code, and goes to standard output.
func TestHelp(t *testing.T) {
	p := &place{t, t.TempDir()}
	help := p.good("help")
	if got := p.good("--help"); got != help {
		t.Errorf("--help printed %q", got)
	}
	for _, word := range []string{"\n  0 ", "\n  1 ", "\n  2 ", "\n  3 ", "\n  4 ", "\n  129, 130, 143 ", "completion", "files", "list", "prune", "relocate", "restore", "save", "verify", "version"} {
		if !strings.Contains(help, word) {
			t.Errorf("the help lacks %q", word)
		}
	}
	for _, command := range []string{"save", "list", "verify", "restore", "prune", "relocate", "files", "version"} {
		if text := p.good(command, "--help"); !strings.Contains(text, "vxsnap "+command) || strings.Contains(text, "--over") != (command == "restore") {
			t.Errorf("the help of %s is %q", command, text)
		}
	}
	p.has()
}

// A database that is empty, or whose name has a % or a ? in it, is one as it is.
func TestNames(t *testing.T) {
	p := newPlace(t)
	for _, name := range []string{"a%2eb.db", "c?mode=memory.db", "file:d.db", "e@7", "f g.db"} {
		if err := os.Rename(filepath.Join(p.dir, "app.db"), filepath.Join(p.dir, name)); err != nil {
			t.Fatal(err)
		}
		p.good("save", "./"+name, "x.tar")
		p.good("save", "./"+name, "--store", "./"+name+"@1", "--create")
		p.good("verify", "./"+name+"@1")
		p.good("verify", "./"+name+"@1@1")
		p.good("restore", "x.tar", "out")
		if err := os.Rename(filepath.Join(p.dir, name), filepath.Join(p.dir, "app.db")); err != nil {
			t.Fatal(err)
		}
		p.same("out")
		p.sh("rm", "-r", "out", "x.tar", "./"+name+"@1")
		p.has("app.db")
	}
}
