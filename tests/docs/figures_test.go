package docs_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The times that README compares are those of bench/RESULTS.md, at 2 GB.
func TestFigures(t *testing.T) {
	readme, results := read(t, "../../README.md"), read(t, "../../bench/RESULTS.md")
	measured := func(method, peer string) string {
		row := regexp.MustCompile(`(?m)^\| (?:save|export) \| .*` + regexp.QuoteMeta(method) + ` \| (\d+\.\d+) \| \d+ \| ` + regexp.QuoteMeta(peer) + ` \|`)
		all := row.FindAllStringSubmatch(results, -1)
		if all == nil {
			t.Fatalf("bench/RESULTS.md has no %s beside %q", method, peer)
		}
		seconds, err := strconv.ParseFloat(all[len(all)-1][1], 64) // the larger database comes last
		if err != nil {
			t.Fatal(err)
		}
		return strconv.FormatFloat(seconds, 'g', 3, 64) + " s"
	}
	const export = "vxsnap, chunks of 64 KiB"
	goal := func(what string) string {
		row := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(what) + ` \| [^|]* \| (\d+\.\d+) \|`).FindStringSubmatch(results)
		if row == nil {
			t.Fatalf("bench/RESULTS.md has no %s", what)
		}
		ratio, err := strconv.ParseFloat(row[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return strconv.FormatFloat(ratio, 'f', 2, 64) + " times as "
	}
	missed := fmt.Sprintf("%d goals are missed", strings.Count(results, "| MISS |"))
	for _, text := range []string{
		goal("sync of a stale copy ÷ sqlite3_rsync") + "long as sqlite3_rsync",
		goal("bytes of its manifest and rows ÷ what sqlite3_rsync sends") + "many bytes",
		"an increment takes " + goal("increment ÷ openssl") + "long as openssl",
		"A night into a store takes " + goal("a night ÷ openssl") + "long as openssl and writes " +
			goal("bytes that a night writes ÷ bytes of the changed pages") + "many bytes",
		"the first night takes " + goal("the first night ÷ .backup, both with a sync") + "long as `.backup`",
		"30 nights are " + goal("store of 30 nights, 1 % of the rows changed: size ÷ (the database + the changed pages)") + "large",
		"A restore of a night takes up to " + goal("restore of a night from a store ÷ restore of a .tar of it, the slowest") + "long as",
		missed,
		"| 2 GB onto the disk | " + strings.Join([]string{
			measured("random | **vxsnap, .tar**", ".backup"), measured("random | .backup", ""), measured("VACUUM INTO", export),
			"not measured", measured("Litestream, first snapshot", export) + ", compressed", "not measured",
		}, " | ") + " |",
		"of 2 GB of texts takes it " + measured("**vxsnap, .tar.zst**", "zstd -1 -T0 + sync"),
	} {
		if !strings.Contains(readme, text) {
			t.Errorf("README must say\n%s", text)
		}
	}
}
