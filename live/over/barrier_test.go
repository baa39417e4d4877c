package over_test

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/live/over"
)

// Nobody can read or write the database while its files are replaced, in whatever way he
// opens it, and nothing that he tries brings the barrier down.
func TestBarrier(t *testing.T) {
	for _, journal := range []string{"delete", "persist", "wal"} {
		a := shape{journal: journal}.build(t)
		a.give(t, nobody)
		tried := 0
		_, err := a.restore(over.Options{FS: at("rename "+a.database+"-journal to", "", func() error {
			for _, uid := range []uint32{0, nobody} {
				for _, try := range []string{
					"SELECT * FROM note", "INSERT INTO note VALUES (1)", "VACUUM", "BEGIN EXCLUSIVE", "PRAGMA wal_checkpoint",
					"PRAGMA journal_mode = OFF; SELECT * FROM note", "PRAGMA journal_mode = WAL; SELECT * FROM note",
					"PRAGMA locking_mode = EXCLUSIVE; SELECT * FROM note", ".open --readonly " + a.database + "\nSELECT * FROM note",
					".backup /dev/null", ".dump", ".recover",
				} {
					cmd := exec.Command("sqlite3", a.database)
					cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
					cmd.Stdin = strings.NewReader(try + "\n")
					out, _ := cmd.CombinedOutput()
					text := string(out)
					if strings.Contains(text, "new") || strings.Contains(text, "old") ||
						!strings.Contains(text, "disk I/O error") && !strings.Contains(text, "unable to open database file") {
						t.Errorf("%s, user %d, %s: got %s", journal, uid, try, text)
					}
					tried++
				}
			}
			return nil
		})})
		if err != nil || tried == 0 {
			t.Errorf("%s: %d tries, %v", journal, tried, err)
		}
		a.want(t, journal, isNew)
	}
}

// A file system without an exchange of names refuses where there is a journal.
func TestNoExchange(t *testing.T) {
	a := shape{journal: "persist"}.build(t)
	before := a.left(t)
	_, err := a.restore(over.Options{FS: at("exchange ", "", func() error { return unix.EINVAL })})
	a.unchanged(t, "no exchange", before, err, unix.EINVAL, "exchange its directory for '@-journal': invalid argument")
	a.want(t, "no exchange", isOld)
}
