package vxsnap_test

import (
	"fmt"
	"os"
	"testing"
)

// bytesRead is how many bytes this process has read, from files and elsewhere.
func bytesRead(t *testing.T) (n int64) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/io")
	if err == nil {
		_, err = fmt.Sscanf(string(text), "rchar: %d", &n)
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The first row does not wait for the bytes of the database, and whoever takes few
// rows reads few of them: what a stream reads ahead, and no more.
func TestFirstRowIsEarly(t *testing.T) {
	conn := largeDatabase(t)
	for _, test := range []struct {
		query, want string
		least, most int64
	}{
		{"SELECT seq FROM vx_snapshot_chunks LIMIT 1", "0", 0, 1 << 20},
		{"SELECT json_extract(metadata_json, '$.total_size') > 64000000 FROM vx_snapshot_chunks LIMIT 1", "1", 0, 1 << 20},
		{"SELECT seq FROM vx_snapshot_chunks LIMIT 2", "0\n1", 1 << 16, 13 << 20},
		{"SELECT max(seq) > 900 FROM vx_snapshot_chunks", "1", 64000000, 66000000}, // once
	} {
		before := bytesRead(t)
		got := text(t, conn, test.query)
		if n := bytesRead(t) - before; got != test.want || n < test.least || n > test.most {
			t.Errorf("%s: got %s after it read %d bytes, want %s after %d to %d", test.query, got, n, test.want, test.least, test.most)
		}
	}
}
