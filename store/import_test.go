package store_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/store"
)

// rowsOf copies the rows of a snapshot of a database of these bytes, and gives its manifest.
func rowsOf(t *testing.T, b []byte, chunkSize int64, base []byte) (rows []snapshot.Row, manifest []byte) {
	t.Helper()
	opt := snapshot.Options{ChunkSize: chunkSize, Digests: true}
	var err error
	if base != nil {
		if opt.Base, err = snapshot.ParseManifest(base); err != nil {
			t.Fatal(err)
		}
	}
	stream, err := snapshot.Open([]snapshot.Source{{Reader: bytes.NewReader(b), File: snapshot.File{
		Name: database, Type: snapshot.TypeDatabase, Size: int64(len(b)), PageSize: 512}}}, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	for {
		more, err := stream.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		row := *stream.Row()
		row.Data = bytes.Clone(row.Data)
		rows = append(rows, row)
	}
	if manifest, err = stream.Manifest(); err != nil {
		t.Fatal(err)
	}
	return rows, manifest
}

func importRows(s *store.Store, rows []snapshot.Row) error {
	_, err := s.Import(ctx, func(add func(*snapshot.Row) error) error {
		for i := range rows {
			if err := add(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// insertRows does it with SQL alone, in a transaction.
func insertRows(raw *app, rows []snapshot.Row) error {
	raw.run("BEGIN")
	for i := range rows {
		if err := raw.insert(&rows[i]); err != nil {
			_, _ = raw.conn.ExecContext(ctx, "ROLLBACK") // where that was not done
			return err
		}
	}
	raw.run("COMMIT")
	return nil
}

// What is not the rows of one snapshot is refused, and nothing of it stays.
func TestRefused(t *testing.T) {
	s, path := newStore(t, store.Options{ChunkSize: 512})
	b := testkit.Noise(1, 5120)
	rows, manifest := rowsOf(t, b, 512, nil)
	if err := importRows(s, rows); err != nil {
		t.Fatal(err)
	}
	next := bytes.Clone(b)
	next[0]++
	next[3000]++
	increment, _ := rowsOf(t, next, 512, manifest)
	full, elsewhere := rowsOf(t, testkit.Noise(2, 5120), 512, nil)
	onElsewhere, _ := rowsOf(t, next, 512, elsewhere)
	otherSize, _ := rowsOf(t, next, 1024, nil)
	without := func(rows []snapshot.Row, i int) []snapshot.Row {
		return append(append([]snapshot.Row(nil), rows[:i]...), rows[i+1:]...)
	}
	changed := func(i int, change func(*snapshot.Row)) []snapshot.Row {
		rows := append([]snapshot.Row(nil), full...)
		change(&rows[i])
		return rows
	}
	raw := openApp(t, path)
	defer raw.close()
	nights := map[int64]map[string][]byte{1: {database: b}}
	const noPlace = "a file row is not one of the snapshot whose metadata row came; save the rows in order of seq"
	for what, c := range map[string]struct {
		rows []snapshot.Row
		text string
	}{
		"no rows":                        {nil, "the rows ended before the end row"},
		"no end row":                     {full[:len(full)-1], "the rows ended before the end row"},
		"no metadata row":                {full[1:], noPlace},
		"an end row alone":               {full[len(full)-1:], "the end row is not that of the snapshot whose metadata row came; save the rows in order of seq"},
		"a row less":                     {without(full, 4), "rows of the snapshot are missing"},
		"a row of an increment less":     {without(increment, 2), "rows of the snapshot are missing"},
		"a row twice":                    {append(append([]snapshot.Row(nil), full[:3]...), full[2:]...), "UNIQUE constraint failed: chunk.file, chunk.number, chunk.first"},
		"an increment on something else": {onElsewhere, "the increment is not on the newest snapshot of the store; pass (SELECT manifest FROM newest) as base"},
		"other chunks":                   {otherSize, "the snapshot has another chunk_size than the store; pass (SELECT chunk_size FROM setting)"},
		"the same again":                 {rows, "the store has this snapshot already"},
		"another file":                   {changed(2, func(row *snapshot.Row) { row.FileName = "other" }), noPlace},
		"another offset":                 {changed(2, func(row *snapshot.Row) { row.Offset++ }), noPlace},
		"a chunk more":                   {changed(2, func(row *snapshot.Row) { row.Seq, row.Offset = 11, 5120 }), noPlace},
		"an end row too early":           {append(append([]snapshot.Row(nil), full[:4]...), snapshot.Row{Seq: 4, Kind: snapshot.KindEnd, Last: true, Metadata: "{}"}), "the end row is not that of the snapshot whose metadata row came; save the rows in order of seq"},
	} {
		if err := importRows(s, c.rows); err == nil || !strings.HasSuffix(err.Error(), c.text) {
			t.Errorf("%s: %v", what, err)
		}
		holds(t, s, nights)
		if strings.Contains(what, "no end") || strings.Contains(what, "no rows") {
			continue // of which SQL cannot know that it is all
		}
		if err := insertRows(raw, c.rows); err == nil || err.Error() != c.text {
			t.Errorf("%s, with SQL alone: %v", what, err)
		}
		holds(t, s, nights)
	}
	if err := importRows(s, increment); err != nil {
		t.Error(err)
	}
	if err := importRows(s, full); err != nil {
		t.Error(err)
	}
	holds(t, s, map[int64]map[string][]byte{1: {database: b}, 2: {database: next}, 3: {database: testkit.Noise(2, 5120)}})
}

// Of a snapshot that came in full only what is new is kept.
func TestFull(t *testing.T) {
	s, path := newStore(t, store.Options{ChunkSize: 512})
	b := testkit.Noise(1, 51200)
	nights := make(map[int64]map[string][]byte)
	for n := range int64(4) {
		rows, _ := rowsOf(t, b, 512, nil)
		if err := importRows(s, rows); err != nil {
			t.Fatal(err)
		}
		nights[n+1] = map[string][]byte{database: bytes.Clone(b)}
		b[512*n]++
		b = b[:len(b)-512]
	}
	holds(t, s, nights)
	raw := openApp(t, path)
	defer raw.close()
	var versions int
	if err := raw.conn.QueryRowContext(ctx, "SELECT count(*) FROM chunk").Scan(&versions); err != nil || versions != 103 {
		t.Errorf("%d versions, %v, want the 100 of the first and 1 each", versions, err)
	}
}

// Check finds what is wrong.
func TestDamage(t *testing.T) {
	for change, want := range map[string]string{
		"INSERT INTO chunk VALUES (2, 0, 1, NULL, 99); INSERT INTO data VALUES (99, x'00'); UPDATE chunk SET last = NULL": "snapshot 1: there are 11 chunks, its files have 10",
		"DELETE FROM chunk WHERE number = 7":                                                "snapshot 1: there are 9 chunks, its files have 10",
		"UPDATE chunk SET number = 70 WHERE number = 7":                                     "snapshot 1: database.db has 9 chunks, must have 10",
		"DELETE FROM data WHERE id = 3":                                                     "chunk 2 of file 1: the bytes of its version of snapshot 1 are missing",
		"INSERT INTO data(data) VALUES (x'00')":                                             "there are 10 versions of chunks, and the bytes of 11",
		"UPDATE snapshot_file SET chunks = 9":                                               "snapshot 1: its files have 9 chunks, its end row has seq 11",
		"INSERT INTO data VALUES (99, x'00'); INSERT INTO chunk VALUES (1, 3, 2, NULL, 99)": "chunk 3 of file 1 has two versions in snapshot 2",
		"UPDATE data SET data = zeroblob(512) WHERE id = 5":                                 "snapshot 1: database.db: checksum mismatch: the end record says ",
		"DELETE FROM file":                                                                  "snapshot 1: a file without a name has 10 chunks, must have 10",
	} {
		s, path := newStore(t, store.Options{ChunkSize: 512})
		rows, _ := rowsOf(t, testkit.Noise(1, 5120), 512, nil)
		if err := importRows(s, rows); err != nil {
			t.Fatal(err)
		}
		raw := openApp(t, path)
		raw.run(change)
		raw.close()
		problems, err := s.Check(ctx)
		if err != nil || len(problems) == 0 || !strings.HasPrefix(problems[0], want) {
			t.Errorf("%s: %q, %v", change, problems, err)
		}
	}
}
