package vxsnap_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/internal/testkit"
)

// wideTable makes a database in a journal mode with a vectorlite table v of n vectors
// of 4 KiB. The connection that made them is still open; the file has them all.
func wideTable(t *testing.T, mode string, n int) (conn *sql.Conn, file, index string) {
	t.Helper()
	dir := t.TempDir()
	file, index = filepath.Join(dir, "live.db"), filepath.Join(dir, "live.idx")
	conn = connect(t, "vectorlite", file)
	run(t, conn, "PRAGMA synchronous = OFF", "PRAGMA journal_mode = "+mode,
		fmt.Sprintf("CREATE VIRTUAL TABLE v USING vectorlite(e float32[1024], hnsw(max_elements=%d, ef_construction=4), '%s')", n+10, index))
	run(t, conn, "BEGIN")
	for i := range n {
		insertWide(t, conn, i+1)
	}
	run(t, conn, "COMMIT")
	if got := text(t, conn, "SELECT vx_snapshot_flush()"); got != "1" {
		t.Fatalf("flush: got %s files, want 1", got)
	}
	return conn, file, index
}

func insertWide(t *testing.T, conn *sql.Conn, i int) {
	t.Helper()
	vector := make([]byte, 0, 4096)
	for d := range 1024 {
		vector = binary.LittleEndian.AppendUint32(vector, math.Float32bits(float32((i*7919+d*104729)%1009)))
	}
	if _, err := conn.ExecContext(t.Context(), "INSERT INTO v(rowid, e) VALUES (?, ?)", i, vector); err != nil {
		t.Fatal(err)
	}
}

// streamAround takes a snapshot with 'disk', and calls do after the row with that
// seq. It gives the bytes of the index file and what the end record says of them.
func streamAround(conn *sql.Conn, chunkSize int, seq int64, do func() error) (index []byte, checksum string, err error) {
	rows, err := conn.QueryContext(context.Background(), `SELECT seq, file_name, data, json_extract(metadata_json, '$.files[0].checksum')
		FROM vx_snapshot_chunks(?, 'main', 'disk')`, chunkSize)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	for rows.Next() {
		var at int64
		var name, sum sql.NullString
		var data []byte
		if err := rows.Scan(&at, &name, &data, &sum); err != nil {
			return nil, "", err
		}
		if name.String == "index_0.idx" {
			index = append(index, data...)
		}
		checksum += sum.String
		if at == seq {
			if err := do(); err != nil {
				return nil, "", err
			}
		}
	}
	return index, checksum, rows.Err()
}

// An index file that is rewritten before or among its rows is an error, and no row
// has other bytes; after its rows it does not matter. One that is replaced by
// rename is still the one that was opened.
func TestIndexChangesInMidStream(t *testing.T) {
	const chunkSize = 100000
	rewrite := func(index string, content []byte) error { return os.WriteFile(index, content[:5000], 0o600) }
	replace := func(index string, content []byte) error {
		return errors.Join(os.WriteFile(index+".new", content[:10], 0o600), os.Rename(index+".new", index))
	}
	_, file, index := wideTable(t, "DELETE", 4000) // more than is read ahead
	content, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	after := int64(len(content)/chunkSize + 2)
	for _, change := range []struct {
		name string
		seq  int64
		do   func(index string, content []byte) error
		want string
	}{
		{"rewritten before its rows", 0, rewrite, "changed while it was read; the rows so far are of no use, run the query again"},
		{"rewritten among its rows", 1, rewrite, "changed while it was read; the rows so far are of no use, run the query again"},
		{"rewritten after its rows", after, rewrite, ""},
		{"replaced before its rows", 0, replace, ""},
		{"replaced among its rows", 1, replace, ""},
	} {
		t.Run(change.name, func(t *testing.T) {
			if err := os.WriteFile(index, content, 0o600); err != nil {
				t.Fatal(err)
			}
			done := false
			got, checksum, err := streamAround(open(t, file), chunkSize, change.seq, func() error {
				done = true
				return change.do(index, content)
			})
			if !done || !bytes.HasPrefix(content, got) {
				t.Errorf("done %v, the rows have other bytes than the file had", done)
			}
			if change.want == "" {
				if err != nil || len(got) != len(content) || checksum != testkit.Checksum(content, chunkSize) {
					t.Errorf("got %d bytes of %d, checksum %s, %v", len(got), len(content), checksum, err)
				}
				return
			}
			var e sqlite3.Error
			if !errors.As(err, &e) || e.Code != sqlite3.ErrBusy || !strings.Contains(err.Error(), change.want) {
				t.Errorf("got %v, want SQLITE_BUSY, %q", err, change.want)
			}
			if change.seq == 0 && len(got) > 0 {
				t.Errorf("got %d bytes of the index before the error", len(got))
			}
		})
	}
}

// A flush gives the index a new file, so that no snapshot of another connection that
// has the old one open is disturbed, whether it has read it or not.
func TestFlushUnderAStream(t *testing.T) {
	const chunkSize = 65536
	for _, mode := range []string{"DELETE", "WAL"} {
		writer, file, index := wideTable(t, mode, 4000)
		for seq := range int64(2) {
			content, err := os.ReadFile(index)
			if err != nil {
				t.Fatal(err)
			}
			before, err := os.Stat(index)
			if err != nil {
				t.Fatal(err)
			}
			insertWide(t, writer, 4001+int(seq)) // before, where it would wait for the reader
			reader := open(t, file)
			got, checksum, err := streamAround(reader, chunkSize, seq, func() error {
				if got, err := tryText(writer, "SELECT vx_snapshot_flush()"); err != nil || got != "1" {
					return fmt.Errorf("flush: %s, %w", got, err)
				}
				return nil
			})
			if err != nil || !bytes.Equal(got, content) || checksum != testkit.Checksum(content, chunkSize) {
				t.Errorf("%s, a flush after row %d: got %d bytes of %d, checksum %s, %v", mode, seq, len(got), len(content), checksum, err)
			}
			if after, err := os.Stat(index); err != nil || os.SameFile(before, after) {
				t.Errorf("%s: a flush wrote into the file that others read (%v)", mode, err)
			}
			want := fmt.Sprint(4001 + seq)
			if got := text(t, reader, "SELECT json_extract(metadata_json, '$.files[0].elements') FROM vx_snapshot_chunks(65536, 'main', 'disk') WHERE seq = 0"); got != want {
				t.Errorf("%s: the next snapshot has %s vectors, want %s", mode, got, want)
			}
			reader.Close()
		}
	}
}
