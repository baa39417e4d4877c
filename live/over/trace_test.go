package over_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/live/over"
)

// Every byte and every name is durable before the next step rests on it.
func TestSteps(t *testing.T) {
	a := shape{journal: "persist"}.build(t)
	var trace []string
	disk := &steppedFS{FS: over.OS, before: func(operation string) error {
		word := strings.Fields(operation)[0]
		if strings.Contains(operation, "-journal'") || word == "lstat" || word == "readdir" || word == "write" || word == "close" || word == "chown" {
			return nil
		}
		operation = strings.ReplaceAll(strings.ReplaceAll(operation, filepath.Dir(a.database), "D"), a.far, "F")
		trace = append(trace, regexp.MustCompile(`\.before-[0-9TZ]+`).ReplaceAllString(operation, ".before"))
		return nil
	}}
	if _, err := a.restore(over.Options{FS: disk}); err != nil {
		t.Fatal(err)
	}
	begin := 0
	for i, operation := range trace { // the restore into a directory has a test of its own
		if operation == "create D/app.db.restoring/plan.json" {
			begin = i
		}
	}
	want := `create D/app.db.restoring/plan.json
sync D/app.db.restoring/plan.json
syncdir D/app.db.restoring
rename D/app.db.restoring/new/index_0.idx to F/docs.idx.restoring, which is new
syncdir F
chmod F/docs.idx.restoring
sync F/docs.idx.restoring
chmod D/app.db.restoring/new/index_1.idx
sync D/app.db.restoring/new/index_1.idx
chmod D/app.db.restoring/new/database.db
sync D/app.db.restoring/new/database.db
syncdir D/app.db.restoring/new
syncdir D/app.db.restoring
syncdir D
exchange D/app.db.restoring and D/app.db-journal
rename D/app.db.restoring to D/app.db-journal/app.db-journal
syncdir D
syncdir D/app.db-journal
rename F/docs.idx to F/docs.idx.before
rename F/docs.idx.restoring to F/docs.idx
rename D/near.idx to D/app.db-journal/near.idx
rename D/app.db-journal/new/index_1.idx to D/near.idx
rename F/late.idx to F/late.idx.before
link D/app.db to D/app.db-journal/app.db
rename D/app.db-journal/new/database.db to D/app.db
syncdir D/app.db-journal
syncdir D
syncdir F
syncdir D/app.db-journal/new
rename D/app.db-journal to D/app.db.before
syncdir D
remove all of D/app.db.before/new`
	if diff := cmp.Diff(strings.Split(want, "\n"), trace[begin:]); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}
