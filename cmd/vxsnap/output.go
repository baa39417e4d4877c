package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
)

// print prints a result on standard output: as one JSON object, or as text, which --quiet
// leaves out.
func (a *app) print(result any, text string) error { return a.printTo(os.Stdout, result, text) }

func (a *app) printTo(w *os.File, result any, text string) error {
	if a.json {
		line, err := json.Marshal(result)
		if err != nil {
			return err
		}
		text = string(line) + "\n"
	} else if a.quiet {
		return nil
	}
	if _, err := w.WriteString(text); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// bytesText is a number of bytes for people.
func bytesText(n int64) string { return humanize.Bytes(uint64(max(n, 0))) }

// table is rows in columns.
func table(rows [][]string) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		_, _ = w.Write([]byte(strings.Join(row, "\t") + "\n"))
	}
	_ = w.Flush() // into memory
	return text.String()
}

// filesText is a number of files for people.
func filesText(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}

// utc is a time in JSON: RFC 3339 with milliseconds.
type utc time.Time

func (t utc) MarshalText() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format("2006-01-02T15:04:05.000Z")), nil
}

func (t utc) String() string { return time.Time(t).UTC().Format("2006-01-02 15:04:05Z") }

// ageText is an age for people.
func ageText(age time.Duration) string {
	if age < 24*time.Hour {
		return age.Round(time.Second).String()
	}
	return fmt.Sprintf("%.1f days", age.Hours()/24)
}
