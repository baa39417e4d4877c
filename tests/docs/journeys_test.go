package docs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// How each journey of tests/docs/journeys starts from what make built. Its script run
// starts them from packages, which make dist makes. That of Node.js needs another package,
// which only make hosts installs: it names the language.
var journeys = map[string]string{
	"cron":    `sh "$JOURNEYS/cron.sh"`,
	"store":   `sh "$JOURNEYS/store.sh"`,
	"threads": `PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$ROOT/build/python" /usr/bin/python3 -X dev "$JOURNEYS/threads.py"`,
	"file":    `./file`,
	"http": `mkdir node_modules && ln -s "$ROOT/build/npm" node_modules/vxsnap
		ln -s "$ROOT/tests/hosts/node/node_modules/better-sqlite3" node_modules && cp "$JOURNEYS/http.js" . && node http.js`,
}

func TestJourneys(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ROOT", root)
	t.Setenv("JOURNEYS", filepath.Join(root, "tests/docs/journeys"))
	names := []string{"cron", "store", "threads", "file"}
	if os.Getenv("VXSNAP_OVER") == "node" {
		names = []string{"http"}
	}
	built := t.TempDir()
	t.Setenv("BUILT", built)
	folder{t, root}.sh(`go build -o "$BUILT/" ./cmd/vxsnap ./tests/docs/journeys/file`)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			f := folder{t, pageDir(t)}
			said := f.sh(`ln -sf "$BUILT/vxsnap" "$BUILT/file" . && PATH=$PWD:$PATH && ` + journeys[name])
			if !strings.HasSuffix(said, "\nok\n") {
				t.Errorf("does not end with ok:\n%s", said)
			}
		})
	}
}

// The page shows the line that cron runs, of an application without vectors.
func TestJourneyCrontab(t *testing.T) {
	var line string
	for each := range strings.Lines(read(t, "journeys/cron.sh")) {
		if strings.HasPrefix(each, "15 3 * * * ") {
			line = strings.Replace(each, " --index-files disk", "", 1)
		}
	}
	if line == "" || !strings.Contains(read(t, "../../docs/COMMAND.md"), "\n> "+line) {
		t.Errorf("docs/COMMAND.md does not show %q", line)
	}
}
