package snapshot_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// No field comes twice, known or not, however its name is written; but what is in
// a field that is not known is not read.
func TestMetadataTwice(t *testing.T) {
	valid := smallMetadata(t)
	with := func(field string) string { return strings.Replace(valid, "{", "{"+field+",", 1) }
	inFile := func(field string) string {
		return strings.Replace(valid, `"files":[{`, `"files":[{`+field+`,`, 1)
	}
	wantRefused(t, with(`"version":1`), "metadata has the field 'version' twice")
	wantRefused(t, with(`"\u0076ersion":1`), "metadata has the field 'version' twice")
	wantRefused(t, with(`"x":1,"x":2`), "metadata has the field 'x' twice")
	wantRefused(t, inFile(`"file_size":2040`), "metadata files[0] has the field 'file_size' twice")
	for _, text := range []string{with(`"x":{"a":1,"a":2}`), with(`"VERSION":7`), inFile(`"File_Size":"?"`), " \n" + valid + "\t"} {
		if _, err := snapshot.DecodeMetadata([]byte(text)); err != nil {
			t.Errorf("%.60s…: %v", text, err)
		}
	}
}

// There are bounds, and what lies at a bound is read.
func TestMetadataTooMany(t *testing.T) {
	valid := smallMetadata(t)
	fields := func(n int) (text string) {
		for i := range n {
			text += fmt.Sprintf(`"x%d":%d,`, i, i)
		}
		return strings.Replace(valid, "{", "{"+text, 1)
	}
	if _, err := snapshot.DecodeMetadata([]byte(fields(93))); err != nil {
		t.Errorf("100 fields: %v", err)
	}
	if _, err := snapshot.DecodeMetadata([]byte(fields(94))); fmt.Sprint(err) != "metadata has more than 100 fields" {
		t.Errorf("101 fields: got %v", err)
	}
	const tooMany = "metadata lists more than 10000 files, which no snapshot has"
	files := func(n int) string {
		o := parse(t, valid)
		database, list := file(o, 1), []any{}
		for i := range n - 1 {
			list = append(list, object{"file_name": fmt.Sprint(i), "file_type": "hnsw_index", "file_size": 0})
		}
		o["files"], o["total_size"] = append(list, database), database["file_size"]
		return encode(t, o)
	}
	m, err := snapshot.DecodeMetadata([]byte(files(snapshot.MaxFiles)))
	if err != nil {
		t.Fatalf("the most files: %v", err)
	}
	m.Files = append(m.Files, m.Files[1])
	if err := m.Validate(); fmt.Sprint(err) != tooMany {
		t.Errorf("Validate: got %v, want %q", err, tooMany)
	}
	text := []byte(files(8 * snapshot.MaxFiles))
	got := allocated(func() { _, err = snapshot.DecodeMetadata(text) })
	if fmt.Sprint(err) != tooMany {
		t.Errorf("got %v, want %q", err, tooMany)
	}
	if got > 64<<20 {
		t.Errorf("%d bytes were allocated for %d files", got, 8*snapshot.MaxFiles)
	}
}
