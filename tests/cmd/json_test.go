package cmd_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every command that prints has --json: one object, with the fields that the page names.
func TestJSON(t *testing.T) {
	p := newPlace(t)
	for _, c := range []struct{ args, fields string }{
		{"save app.db x.tar.zst", "checksum created duration_seconds files path size snapshot_id total_size"},
		{"save app.db --store nights.db --create -q", "created duration_seconds n snapshot_id store total_size"},
		{"list nights.db", "snapshots source"},
		{"list .", "snapshots source"},
		{"verify x.tar.zst", "created snapshot_id source total_size verified"},
		{"verify nights.db", "created n snapshot_id source total_size verified"},
		{"verify nights.db --all", "source verified"},
		{"restore x.tar.zst out", "created directory files snapshot_id total_size"},
		{"restore nights.db out2", "created directory files snapshot_id total_size"},
		{"restore x.tar.zst --over app.db --stopped", "before database files snapshot_id total_size"},
		{"restore --over app.db --undo --stopped", "database undone"},
		{"files app.db", "database files"},
		{"prune nights.db --keep-last 1", "dropped kept store"},
		{"relocate out", "directory tables"},
		{"version", "commit go platform sqlite version"},
	} {
		object := p.object(strings.Fields(c.args)...)
		if got := strings.Join(slices.Sorted(maps.Keys(object)), " "); got != c.fields {
			t.Errorf("%s: %s", c.args, got)
		}
		page := p.sh("cat", root(t, "docs/COMMAND.md"))
		for field := range object {
			if !strings.Contains(page, "`"+field+"`") {
				t.Errorf("docs/COMMAND.md lacks the field %s of %s", field, c.args)
			}
		}
	}
	saved := p.object("save", "app.db", "y.tar")
	if saved["path"] != filepath.Join(p.dir, "y.tar") || saved["total_size"].(float64) < 6e6 || saved["size"].(float64) <= saved["total_size"].(float64) {
		t.Errorf("saved: %v", saved)
	}
	verified := p.object("verify", "y.tar")
	if verified["verified"] != true || verified["snapshot_id"] != saved["snapshot_id"] || verified["created"] != saved["created"] || verified["total_size"] != saved["total_size"] {
		t.Errorf("saved: %v, verified: %v", saved, verified)
	}
	one := p.object("list", ".", "--newest", "--verify")["snapshots"].([]any)[0].(map[string]any)
	if one["source"] != "y.tar" || one["snapshot_id"] != saved["snapshot_id"] || one["size"] != saved["size"] || one["verified"] != true || one["age_seconds"].(float64) > 600 {
		t.Errorf("listed: %v", one)
	}
	restored := p.object("restore", "y.tar", "out3")
	if file := restored["files"].([]any)[0].(map[string]any); restored["directory"] != filepath.Join(p.dir, "out3") || file["path"] != filepath.Join(p.dir, "out3/database.db") {
		t.Errorf("restored: %v", restored)
	}
	if none := p.object("prune", "nights.db", "--keep-last", "1"); none["dropped"] != 0.0 || none["kept"] != 1.0 {
		t.Errorf("pruned: %v", none)
	}
}

// The result of a save to a pipe goes to standard error, and only if it is asked for.
func TestJSONOfPipe(t *testing.T) {
	p := newPlace(t)
	o := p.run("save", "app.db", "-", "--json")
	var saved map[string]any
	if err := json.Unmarshal([]byte(o.stderr), &saved); err != nil || o.code != 0 || float64(len(o.stdout)) != saved["size"] || saved["path"] != nil {
		t.Errorf("printed %d bytes and %q: %v", len(o.stdout), o.stderr, err)
	}
}

// What is damaged is an object, too, beside exit code 3.
func TestJSONOfDamage(t *testing.T) {
	p := newPlace(t)
	p.good("save", "app.db", "x.tar")
	p.good("save", "app.db", "--store", "nights.db", "--create")
	p.sh("truncate", "-s", "-20000", "x.tar")
	p.sqlite("nights.db", "UPDATE data SET data = zeroblob(4096) WHERE id = 700")
	for _, args := range []string{"verify x.tar", "verify nights.db", "verify nights.db --all"} {
		o := p.run(append(strings.Fields(args), "--json")...)
		var verified map[string]any
		if err := json.Unmarshal([]byte(o.stdout), &verified); err != nil || o.code != 3 || verified["verified"] != false || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("%s: %+v: %v", args, o, err)
		}
		problem, _ := verified["problem"].(string)
		problems, _ := verified["problems"].([]any)
		if (problem == "") == (len(problems) == 0) {
			t.Errorf("%s: %v", args, verified)
		}
	}
}
