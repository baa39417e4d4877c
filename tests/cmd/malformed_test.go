package cmd_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A store whose file SQLite finds malformed is damage, in one line, and as JSON: where its
// header is, where its schema is, where its snapshots are, and in pages that a snapshot does
// not need.
func TestMalformedStore(t *testing.T) {
	p := newPlace(t)
	p.good("save", "app.db", "--store", "nights.db", "--create")
	whole, err := os.ReadFile(filepath.Join(p.dir, "nights.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{100, 4096, 3 * 4096, len(whole) - 4096} {
		bad := append([]byte(nil), whole...)
		copy(bad[at:], strings.Repeat("\xa5", 64))
		if err := os.WriteFile(filepath.Join(p.dir, "bad.db"), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		p.fails(p.run("verify", "bad.db", "--all"), 3, "bad.db")
		o := p.run("verify", "bad.db", "--all", "--json")
		var verified map[string]any
		if err := json.Unmarshal([]byte(o.stdout), &verified); err != nil || o.code != 3 || verified["verified"] != false || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("at %d: %+v: %v", at, o, err)
		}
		if at > 4096 {
			continue // what a snapshot does not need
		}
		for _, args := range []string{"verify bad.db", "list bad.db", "restore bad.db out", "save app.db --store bad.db", "prune bad.db --keep-last 1"} {
			p.fails(p.run(strings.Fields(args)...), 3, "database disk image is malformed")
		}
		if o := p.run("verify", "bad.db", "--json"); o.code != 3 || !strings.Contains(o.stdout, `{"verified":false,"source":"bad.db","problem":"`) {
			t.Errorf("at %d: %+v", at, o)
		}
	}
	p.sh("sh", "-c", "head -c 3000000 app.db >cut.db")
	p.fails(p.run("save", "cut.db", "--store", "nights.db"), 1, "was cut short") // of the database, as into a file
	p.fails(p.run("save", "cut.db", "x.tar"), 1, "was cut short")
	p.has("app.db", "nights.db", "bad.db", "cut.db")
}

// Every error is one line, whatever it is made of.
func TestOneLine(t *testing.T) {
	p := newPlace(t)
	p.sh("sh", "-c", "mkdir folder; echo no >folder/a.tar; echo no >folder/b.tar")
	o := p.run("list", "folder", "-q")
	p.fails(o, 3, "'folder/a.tar': incomplete")
	p.fails(o, 3, "; 'folder/b.tar': incomplete")
}
