package vxsnap_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vxsnap/vxsnap/internal/testkit"
)

func init() { roles["write"] = write }

// write moves amounts between accounts in another process, and checkpoints,
// until it is killed. It ends its lines of output with what it has done.
func write(args []string) {
	conn, err := openPlain(args[0])
	if err != nil {
		panic(err)
	}
	for n := 0; ; n++ {
		query := fmt.Sprintf("BEGIN IMMEDIATE; UPDATE account SET balance = balance - %[1]d WHERE id = %[2]d; "+
			"INSERT INTO log(data) VALUES (randomblob(%[1]d)); DELETE FROM log WHERE id %% 7 = %[2]d %% 7 AND id %% 2 = 0; "+
			"UPDATE account SET balance = balance + %[1]d WHERE id = %[3]d; COMMIT", rand.IntN(9000), rand.IntN(100)+1, rand.IntN(100)+1)
		if n%10 == 0 {
			query = "PRAGMA wal_checkpoint(" + []string{"PASSIVE", "FULL", "RESTART", "TRUNCATE"}[rand.IntN(4)] + ")"
		}
		if _, err := conn.ExecContext(context.Background(), query); err != nil {
			if !strings.Contains(err.Error(), "locked") {
				panic(err)
			}
			_, _ = conn.ExecContext(context.Background(), "ROLLBACK")
		}
	}
}

// Writers and checkpointers in two other processes, against exports of random
// chunk sizes: every snapshot is whole, keeps the sum that every transaction
// keeps, and has the checksum of its bytes. VXSNAP_TORTURE is how long, for each mode.
func TestTorture(t *testing.T) {
	length := 5 * time.Second
	if s := os.Getenv("VXSNAP_TORTURE"); s != "" {
		var err error
		if length, err = time.ParseDuration(s); err != nil {
			t.Fatal(err)
		}
	}
	for _, mode := range []string{"DELETE", "WAL"} {
		t.Run(mode, func(t *testing.T) { torture(t, mode, length) })
	}
}

func torture(t *testing.T, mode string, length time.Duration) {
	file := filepath.Join(t.TempDir(), "live.db")
	conn := open(t, file)

	run(t, conn, "PRAGMA journal_mode = "+mode, "CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER)",
		"CREATE TABLE log(id INTEGER PRIMARY KEY, data BLOB)",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO account SELECT i, 0 FROM n")
	for range 2 {
		cmd := exec.Command(os.Args[0], "write", file)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	}
	snapshots, live, busy := 0, 0, 0
	copied := filepath.Join(t.TempDir(), "copy.db")
	for deadline := time.Now().Add(length); time.Now().Before(deadline); {
		chunkSize := 512<<rand.IntN(10) + rand.IntN(1000)
		bytes, checksum, err := export(conn, chunkSize)
		if err != nil && strings.Contains(err.Error(), "locked") {
			busy++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		snapshots++
		if strings.Contains(way(t, conn), "pages from") {
			live++
		}
		if err := os.WriteFile(copied, bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := testkit.Checksum(bytes, chunkSize); got != checksum {
			t.Fatalf("the end record says %s, the rows give %s", checksum, got)
		}
		c := open(t, copied)
		if got := text(t, c, "PRAGMA integrity_check"); got != "ok" {
			t.Fatalf("snapshot %d: %s", snapshots, got)
		}
		if got := text(t, c, "SELECT sum(balance) || ' ' || count(*) FROM account"); got != "0 100" {
			t.Fatalf("snapshot %d: sum and count %s", snapshots, got)
		}
		c.Close()
		for _, suffix := range []string{"-wal", "-shm"} {
			_ = os.Remove(copied + suffix)
		}
	}
	t.Logf("%s: %d snapshots, %d of them with live WAL frames, %d times busy", mode, snapshots, live, busy)
	if snapshots == 0 || mode == "WAL" && length > 2*time.Second && live == 0 {
		t.Errorf("%d snapshots, %d with live frames: this tested nothing", snapshots, live)
	}
}
