package over

import (
	"encoding/json"
	"path/filepath"
	"unicode/utf8"

	"github.com/vxsnap/vxsnap/internal/fault"
)

const (
	planName    = "plan.json"
	planVersion = 1
	newFolder   = "new" // of the restored files
	about       = "vxsnap is replacing the files of this database, or was stopped while it did: nobody can open the database meanwhile. " +
		"To go back to the files of before, run vxsnap restore --over again"
)

// A plan is what a restore renames. It is on disk before the first of them, and stays
// beside the old files. Paths are from the plan's directory, so that they lead to the same
// files when somebody moves the database's folder; those of other folders are absolute.
type plan struct {
	About   string `json:"about"`
	Version int    `json:"version"`

	Database string `json:"database"` // its name in its folder
	Before   string `json:"before"`   // the name of the directory with the old files
	Journal  bool   `json:"journal"`  // whether there is a rollback journal

	Moves []move `json:"moves"` // the database is the last
}

// A move gives the path of an old file to a new one. Its names tell how far it has come.
type move struct {
	Path  string `json:"path"`
	New   string `json:"new,omitempty"`   // where the new file waits; "": there is none
	Aside string `json:"aside,omitempty"` // where the old file goes; "": there is none

	// Link is of the database: its path leads to a file at every moment, because SQLite
	// makes an empty database where there is none.
	Link bool `json:"link,omitempty"`
}

// encode gives the text of the plan's file. JSON has no other names than those in UTF-8.
func (p *plan) encode() ([]byte, error) {
	for _, m := range p.Moves {
		if !utf8.ValidString(m.Path) {
			return nil, cannot("the path %s is not in UTF-8; give the file another name", fault.QuoteWhole(m.Path))
		}
	}
	text, err := json.MarshalIndent(p, "", "  ")
	return append(text, '\n'), err
}

// readPlan reads the plan of a directory.
func readPlan(fsys FS, directory string) (p plan, err error) {
	path := filepath.Join(directory, planName)
	text, err := fsys.ReadFile(path)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return p, fault.New(ErrHalfDone, "%s is not a plan of vxsnap: %w; the old files are those that are not in %s", fault.QuoteWhole(path), err, fault.Quote(newFolder))
	}
	if p.Version != planVersion {
		return p, fault.New(ErrHalfDone, "%s has version %d, this build reads version %d; use the vxsnap that wrote it", fault.QuoteWhole(path), p.Version, planVersion)
	}
	if len(p.Moves) == 0 || !p.Moves[len(p.Moves)-1].Link {
		return p, fault.New(ErrHalfDone, "%s does not end with the database", fault.QuoteWhole(path))
	}
	return p, nil
}

// at makes a path of a plan one that the system takes, for the plan's directory.
func at(directory, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(directory, path)
}
