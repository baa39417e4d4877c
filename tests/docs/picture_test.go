package docs_test

import (
	"encoding/xml"
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// make picture gives it.
var update = flag.Bool("update", false, "draw docs/terminal.svg anew")

const terminal = "../../docs/terminal.svg"

// shownSessions are those of README's first session that the picture shows, which are of
// the command, with what came before them.
func shownSessions(t *testing.T) (before, shown []session) {
	t.Helper()
	readme := read(t, "../../README.md")
	block := readme[strings.Index(readme, "```console"):]
	for _, s := range sessions(block[:strings.Index(block, "\n```\n")+5]) {
		if strings.HasPrefix(s.command, "vxsnap ") {
			shown = append(shown, s)
		} else if len(shown) == 0 {
			before = append(before, s)
		} else {
			t.Fatalf("README's first session has %s in its midst", s.command)
		}
	}
	if len(shown) < 5 {
		t.Fatalf("README's first session has %d commands", len(shown))
	}
	return before, shown
}

// The picture of a terminal shows README's first session: the commands, and what README
// says that they print, which TestPages holds against what they print.
func TestPicture(t *testing.T) {
	before, shown := shownSessions(t)
	if *update {
		draw(t, before, shown)
	}
	var picture struct {
		Lines []string `xml:"g>text"`
	}
	if err := xml.Unmarshal([]byte(read(t, terminal)), &picture); err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split("\n"+strings.Join(picture.Lines, "\n")+"\n", "\n$ ")[1:]
	if len(blocks) != len(shown) {
		t.Fatalf("the picture has %d commands, README %d; make picture draws it anew", len(blocks), len(shown))
	}
	for i, s := range shown {
		command, printed, _ := strings.Cut(strings.TrimSuffix(blocks[i], "\n")+"\n", "\n")
		if command != s.command || !s.want.MatchString(printed) {
			t.Errorf("the picture shows\n$ %s\n%sREADME has\n$ %s\n%smake picture draws it anew", command, printed, s.command, s.text)
		}
	}
}

// draw runs the session and draws what it shows.
func draw(t *testing.T, before, shown []session) {
	dir := pageDir(t)
	for _, s := range before {
		if got := run(dir, s.command); !s.want.MatchString(got) {
			t.Fatalf("%s: %s", s.command, got)
		}
	}
	var all strings.Builder
	for _, s := range shown {
		all.WriteString("$ " + s.command + "\n" + run(dir, s.command))
	}
	cmd := exec.Command("go", "run", "../../build/picture", "vxsnap in a terminal: save, verify, restore")
	cmd.Stdin, cmd.Stderr = strings.NewReader(strings.ReplaceAll(all.String(), dir, "/srv/app")), os.Stderr
	svg, err := cmd.Output()
	if err == nil {
		err = os.WriteFile(terminal, svg, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
