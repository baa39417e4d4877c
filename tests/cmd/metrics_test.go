package cmd_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	metricHelp   = regexp.MustCompile(`^# HELP ([a-z_]+) [A-Z].*\.$`)
	metricType   = regexp.MustCompile(`^# TYPE ([a-z_]+) gauge$`)
	metricSample = regexp.MustCompile(`^([a-z_]+)\{(database|source)="((?:[^"\\]|\\\\|\\"|\\n)*)"\} ([0-9.]+)$`)
)

// metrics reads a file as the textfile collector does: of each metric HELP, TYPE and one
// sample, which has one label.
func (p *place) metrics(file, label string) map[string]float64 {
	p.Helper()
	path := filepath.Join(p.dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		p.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		p.Errorf("%s has mode %v, must be for all to read: %v", file, info.Mode(), err)
	}
	values := make(map[string]float64)
	lines := strings.SplitAfter(string(text), "\n")
	if len(lines)%3 != 1 || lines[len(lines)-1] != "" {
		p.Fatalf("%s has %d lines", file, len(lines))
	}
	for three := range slices.Chunk(lines[:len(lines)-1], 3) {
		help := metricHelp.FindStringSubmatch(strings.TrimSuffix(three[0], "\n"))
		kind := metricType.FindStringSubmatch(strings.TrimSuffix(three[1], "\n"))
		sample := metricSample.FindStringSubmatch(strings.TrimSuffix(three[2], "\n"))
		if help == nil || kind == nil || sample == nil || help[1] != kind[1] || kind[1] != sample[1] || sample[3] != label {
			p.Fatalf("%s has %q, must be of %q", file, three, label)
		}
		if _, ok := values[sample[1]]; ok {
			p.Errorf("%s has %s twice", file, sample[1])
		}
		if values[sample[1]], err = strconv.ParseFloat(sample[4], 64); err != nil {
			p.Error(err)
		}
	}
	return values
}

// --metrics writes what a save and a list are worth, and only after success.
func TestMetrics(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077)) // which keeps a backup from others, and not the metrics
	p := newPlace(t)
	now := func() float64 { return float64(time.Now().UnixMilli()) / 1000 }
	label := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(filepath.Join(p.dir, `a "\.db`))
	p.sh("mv", "app.db", `a "\.db`)
	begin := now()
	p.good("save", `a "\.db`, "x.tar.zst", "--metrics", "m.prom")
	saved := p.metrics("m.prom", label)
	size, err := os.Stat(filepath.Join(p.dir, "x.tar.zst"))
	if err != nil {
		t.Fatal(err)
	}
	database, err := os.Stat(filepath.Join(p.dir, `a "\.db`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(saved)), []string{
		"vxsnap_save_duration_seconds", "vxsnap_save_success_timestamp_seconds", "vxsnap_saved_size_bytes",
		"vxsnap_snapshot_age_seconds", "vxsnap_snapshot_created_timestamp_seconds", "vxsnap_snapshot_size_bytes",
	}; !slices.Equal(got, want) {
		t.Errorf("a save has %q", got)
	}
	created, success := saved["vxsnap_snapshot_created_timestamp_seconds"], saved["vxsnap_save_success_timestamp_seconds"]
	if begin > created || created > success || success > now() {
		t.Errorf("began %v, created %v, success %v, now %v", begin, created, success, now())
	}
	if d, age := saved["vxsnap_save_duration_seconds"], saved["vxsnap_snapshot_age_seconds"]; d <= 0 || d > now()-begin+0.01 || age < 0 || age > now()-begin+0.01 {
		t.Errorf("it took %v, is %v old", d, age)
	}
	if saved["vxsnap_saved_size_bytes"] != float64(size.Size()) || saved["vxsnap_snapshot_size_bytes"] != float64(database.Size()) {
		t.Errorf("the sizes are %v, want %d and %d", saved, size.Size(), database.Size())
	}

	// What fails leaves the metrics of the last success.
	before := p.sh("cat", "m.prom")
	p.fails(p.run("save", `a "\.db`, "x.tar.zst", "--metrics", "m.prom"), 1, "exists")
	if after := p.sh("cat", "m.prom"); after != before {
		t.Errorf("a save that failed wrote %q", after)
	}
	p.good("save", `a "\.db`, "--store", "nights.db", "--create", "--metrics", "m.prom")
	if values := p.metrics("m.prom", label); values["vxsnap_snapshot_size_bytes"] != float64(database.Size()) || values["vxsnap_save_success_timestamp_seconds"] < success {
		t.Errorf("a save into a store has %v", values)
	}
	p.good("list", "nights.db", "--verify", "--metrics", "l.prom")
	listed := p.metrics("l.prom", filepath.Join(p.dir, "nights.db"))
	if listed["vxsnap_snapshots"] != 1 || listed["vxsnap_snapshot_verified"] != 1 || listed["vxsnap_snapshot_size_bytes"] != float64(database.Size()) {
		t.Errorf("a list has %v", listed)
	}
	p.has(`a "\.db`, "x.tar.zst", "m.prom", "nights.db", "l.prom")

	// Metrics that cannot be written are an error, and say what was done.
	p.fails(p.run("save", `a "\.db`, "y.tar", "--metrics", "nowhere/m.prom"), 1, "save is done, but its metrics could not be written: ")
	p.good("verify", "y.tar")
}
