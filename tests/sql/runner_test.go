// Package sql_test runs the scripts *.test of this directory, each in two ways:
// "shell" is the sqlite3 shell ($SQLITE3) with vxsnap.so, "linked" is
// mattn/go-sqlite3. Blank lines separate records; # before one is a comment.
//
//	statement ok             The SQL below must succeed.
//	statement error [code]   The one statement below must fail with the sentence
//	                         after ---- and this primary result code.
//	query <types> [rowsort]  The one statement below must return the rows after
//	                         ----, sorted or not, one a line, with " | " between
//	                         columns. types has a letter (ITRB) for each.
//	system                   The lines below are for sh -ec and must succeed, and
//	                         print what stands after ----, if there is one.
//	reopen [file]            Close the connection; open file, or the same again.
//	load vectorlite          Reopen with $VECTORLITE or .tools/vectorlite.so.
//	halt                     Stop here.
//	onlyif|skipif <way>      On a line before these: only in this way, or not.
//
// Values are NULL, (empty) text, a blob x'0aff', a real with three decimals; a
// line feed is \n. ${DIR} is the directory of the run, fresh and current; main.db
// in it is open. system has $SQLITE3 and $VXSNAP (for .load). A record has 60 s.
package sql_test

import (
	"cmp"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	limit      = 60 * time.Second // for one record
	records    = regexp.MustCompile(`(?m)^[^#\n].*(\n.+)*`)
	queryHead  = regexp.MustCompile(`^query [ITRB]+( rowsort)?$`)
	resultCode = regexp.MustCompile(` \(\d+\)$`)
	shellError = regexp.MustCompile(
		`(?:^|[\n\036])(?:Runtime e|Parse e|E)rror:? (?:near line \d+: )?(.*?)(?: \((\d+)\))?\n`)
	ways = map[string]func(file string, extensions []string) (connection, error){
		"shell":  openShell,
		"linked": openLinked,
	}
)

func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("*.test")
	if len(scripts) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, name := range scripts {
		for way := range ways {
			t.Run(way+"/"+name, func(t *testing.T) {
				script, err := os.ReadFile(name)
				if err := errors.Join(err, run(t, way, name, string(script))); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

type runner struct {
	way, file  string
	extensions []string   // besides vxsnap
	connection connection // nil after halt, or where it could not be opened
}

// run returns the failures of all records.
func run(t *testing.T, way, name, script string) error {
	root, _ := filepath.Abs("../..")
	t.Setenv("SQLITE3", cmp.Or(os.Getenv("SQLITE3"), "sqlite3"))
	t.Setenv("VXSNAP", root+"/vxsnap")
	t.Setenv("VECTORLITE", cmp.Or(os.Getenv("VECTORLITE"), root+"/.tools/vectorlite.so"))
	t.Chdir(t.TempDir())
	script = strings.ReplaceAll(script, "${DIR}", os.Getenv("PWD"))
	r := &runner{way: way, file: "main.db"}
	failures := []error{r.reopen()}
	for _, at := range records.FindAllStringIndex(script, -1) {
		if err := r.record(script[at[0]:at[1]]); err != nil {
			line := strings.Count(script[:at[0]], "\n") + 1
			failures = append(failures, fmt.Errorf("%s:%d: %w", name, line, err))
		}
	}
	return errors.Join(append(failures, r.close())...)
}

func (r *runner) reopen() error {
	err := r.close()
	if err == nil {
		r.connection, err = ways[r.way](r.file, r.extensions)
	}
	return err
}

func (r *runner) close() (err error) {
	if r.connection != nil {
		err = r.connection.Close()
		r.connection = nil
	}
	return err
}

func (r *runner) record(text string) error {
	first, rest, _ := strings.Cut(text, "\n")
	head := append(strings.Fields(first), "", "", "")
	body, want, found := strings.Cut("\n"+rest+"\n", "\n----\n")
	want = strings.TrimSuffix(want, "\n")
	switch command := strings.TrimSpace(head[0] + " " + head[1]); {
	case r.connection == nil:
		return nil
	case (head[0] == "onlyif" || head[0] == "skipif") && ways[head[1]] != nil && rest != "":
		if (head[0] == "onlyif") == (head[1] == r.way) {
			return r.record(rest)
		}
		return nil
	case command == "halt":
		return r.close()
	case command == "load vectorlite":
		r.extensions = append(r.extensions, os.Getenv("VECTORLITE"))
		return r.reopen()
	case head[0] == "reopen":
		r.file = cmp.Or(strings.TrimSpace(first[len("reopen"):]), r.file)
		return r.reopen()
	case command == "system":
		sh := exec.Command("timeout", fmt.Sprint(limit.Seconds()), "sh", "-ec", body)
		sh.Stderr = os.Stderr
		output, err := sh.Output()
		if err != nil || !found {
			return err
		}
		return compare(strings.TrimSuffix(string(output), "\n"), want)
	case command == "statement ok" && !found:
		_, err := r.connection.exec(body)
		return err
	case command == "statement error" && found:
		_, err := r.connection.exec(body)
		if head[2] != "" {
			return compare(fmt.Sprint(err), want+" ("+head[2]+")")
		}
		return compare(resultCode.ReplaceAllString(fmt.Sprint(err), ""), want)
	case queryHead.MatchString(first) && found:
		rows, err := r.connection.exec(body)
		if err != nil {
			return err
		}
		got := make([]string, len(rows))
		for i, row := range rows {
			if len(row) != len(head[1]) {
				return fmt.Errorf("got %d columns, want %d", len(row), len(head[1]))
			}
			for j, value := range row {
				got[i] += strings.Repeat(" | ", min(j, 1)) + show(value)
			}
		}
		if head[2] == "rowsort" {
			slices.Sort(got)
		}
		return compare(strings.Join(got, "\n"), want)
	}
	return fmt.Errorf("not a record: %q", first)
}

func compare(got, want string) error {
	if got != want {
		return fmt.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	return nil
}

// The errors of a connection are the first line of SQLite's message and (code).
type connection interface {
	exec(sql string) ([][]driver.Value, error)
	Close() error
}

func show(value any) string {
	switch value := value.(type) {
	case nil:
		return "NULL"
	case []byte:
		return fmt.Sprintf("x'%x'", value)
	case float64:
		return fmt.Sprintf("%.3f", value)
	}
	return strings.ReplaceAll(cmp.Or(fmt.Sprint(value), "(empty)"), "\n", `\n`)
}
