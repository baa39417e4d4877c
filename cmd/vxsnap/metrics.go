package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A textfile is a file that the textfile collector of Prometheus' node_exporter reads
// (https://github.com/prometheus/docs/blob/main/content/docs/instrumenting/exposition_formats.md).
type textfile struct {
	label string
	text  strings.Builder
}

// metricsName refuses a FILE of --metrics that is none of the collector's, which reads *.prom
// alone. It is replaced: a backup, a database or a device must not be.
func metricsName(cmd *cobra.Command, file string) error {
	if cmd.Flags().Changed("metrics") && filepath.Ext(file) != ".prom" {
		return wrongUse("--metrics is %s, must end with .prom: the collector reads no other names", fault.Quote(file))
	}
	return nil
}

// newTextfile makes one whose samples have one label: what they are of, by its absolute
// path.
func newTextfile(label, path string) (*textfile, error) {
	path, err := filepath.Abs(path)
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(path, "\uFFFD"))
	return &textfile{label: label + `="` + escaped + `"`}, err
}

// gauge adds a metric. Every file says the same of one name, as the collector demands.
func (t *textfile) gauge(name, help string, value float64) {
	fmt.Fprintf(&t.text, "# HELP vxsnap_%s %s\n# TYPE vxsnap_%[1]s gauge\nvxsnap_%[1]s{%[3]s} %[4]s\n",
		name, help, t.label, strconv.FormatFloat(value, 'f', -1, 64))
}

// snapshot adds what a snapshot is.
func (t *textfile) snapshot(created time.Time, totalSize int64) {
	t.gauge("snapshot_created_timestamp_seconds", "When the newest snapshot was taken.", float64(created.UnixMilli())/1000)
	t.gauge("snapshot_age_seconds", "How old the newest snapshot was when this file was written.", time.Since(created).Seconds())
	t.gauge("snapshot_size_bytes", "Size of the files of the newest snapshot together.", float64(totalSize))
}

// write adds when it succeeded, and puts the file in place at once, for everybody to read.
func (t *textfile) write(path, what string, duration time.Duration) error {
	t.gauge(what+"_duration_seconds", "How long the last vxsnap "+what+" that succeeded took.", duration.Seconds())
	t.gauge(what+"_success_timestamp_seconds", "When the last vxsnap "+what+" that succeeded ended.", float64(time.Now().UnixMilli())/1000)
	if err := renameio.WriteFile(path, []byte(t.text.String()), 0o644, renameio.IgnoreUmask()); err != nil {
		return fmt.Errorf("%s is done, but its metrics could not be written: %w", what, err)
	}
	return nil
}

// writeMetrics writes those of a save.
func (s *saveArgs) writeMetrics(result *saved) error {
	if s.metrics == "" {
		return nil
	}
	t, err := newTextfile("database", s.database)
	if err != nil {
		return err
	}
	t.snapshot(time.Time(result.Created), result.TotalSize)
	if result.Size > 0 {
		t.gauge("saved_size_bytes", "Size of the last saved file.", float64(result.Size))
	}
	return t.write(s.metrics, "save", time.Duration(result.Duration*float64(time.Second)))
}

// listMetrics writes those of a list.
func listMetrics(file, source string, count int, all []snapshotOf, duration time.Duration) error {
	t, err := newTextfile("source", source)
	if err != nil {
		return err
	}
	t.gauge("snapshots", "How many snapshots there are.", float64(count))
	if len(all) > 0 {
		newest := &all[len(all)-1]
		t.snapshot(time.Time(newest.Created), newest.TotalSize)
		if newest.Verified != nil {
			good := 0.0
			if *newest.Verified {
				good = 1
			}
			t.gauge("snapshot_verified", "Whether the newest snapshot is whole: 1 or 0.", good)
		}
	}
	return t.write(file, "list", duration)
}
