package docs_test

import (
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/vxsnap/vxsnap"

var (
	roomRow  = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| .* \\| (.*) \\|$")
	name     = regexp.MustCompile("`([^`]+)`")
	roomRule = regexp.MustCompile(`(?m)^ {8}([a-z/]+):\n(?: {10}.*\n)*`)
	allowed  = regexp.MustCompile(`(?m)^ +- (` + module + `\S*)\$$`)
)

// The table of CONTRIBUTING.md says of each room what it imports, and so do the
// rules of .golangci.yml; the code does exactly that.
func TestRooms(t *testing.T) {
	table := make(map[string][]string)
	for _, row := range roomRow.FindAllStringSubmatch(read(t, "../../CONTRIBUTING.md"), -1) {
		table[row[1]] = nil
		for _, to := range name.FindAllStringSubmatch(row[2], -1) {
			table[row[1]] = append(table[row[1]], to[1])
		}
		slices.Sort(table[row[1]])
	}
	code := imports(t, table)
	rules := make(map[string][]string)
	for _, rule := range roomRule.FindAllStringSubmatch(read(t, "../../.golangci.yml"), -1) {
		if _, ok := table[rule[1]]; ok {
			rules[rule[1]] = []string{}
			if !strings.Contains(rule[0], "- {pkg: "+module+",") {
				t.Errorf(".golangci.yml denies %s nothing of ours", rule[1])
			}
			for _, to := range allowed.FindAllStringSubmatch(rule[0], -1) {
				rules[rule[1]] = append(rules[rule[1]], ours(to[1]))
			}
		}
	}
	if len(table) == 0 || len(code) != len(table) {
		t.Errorf("the table has the rooms %q, the code %q", sorted(table), sorted(code))
	}
	for room, want := range table {
		if got := code[room]; !slices.Equal(got, want) {
			t.Errorf("%s imports %q, the table says %q", room, got, want)
		}
		// No linter sees "C".
		want = slices.DeleteFunc(slices.Clone(want), func(to string) bool { return to == `"C"` })
		if got, ok := rules[room]; !ok || !slices.Equal(got, want) {
			t.Errorf(".golangci.yml lets %s import %q, the table says %q", room, got, want)
		}
	}
}

// imports gives what the packages of each room import of ours, tests left out. The
// room of a package is the longest name in the table that it begins with.
func imports(t *testing.T, table map[string][]string) map[string][]string {
	list := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	rooms := make(map[string][]string)
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		path := ours(words[0])
		room := ""
		for at := range table {
			if len(at) > len(room) && (path == at || strings.HasPrefix(path, at+"/")) {
				room = at
			}
		}
		if room == "" {
			t.Errorf("the table lacks a room for %s", path)
		}
		for _, to := range words[1:] {
			if to == "C" {
				rooms[room] = append(rooms[room], `"C"`)
			} else if to == module || strings.HasPrefix(to, module+"/") {
				rooms[room] = append(rooms[room], ours(to))
			}
		}
		slices.Sort(rooms[room])
		rooms[room] = slices.Compact(rooms[room])
	}
	return rooms
}

// ours is what a package of the module is called in the table: vxsnap is at its root.
func ours(path string) string {
	if path == module {
		return "vxsnap"
	}
	return strings.TrimPrefix(path, module+"/")
}

func sorted(rooms map[string][]string) []string { return slices.Sorted(maps.Keys(rooms)) }

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
