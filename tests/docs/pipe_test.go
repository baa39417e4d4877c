package docs_test

import (
	"strings"
	"testing"
)

// absent is a command that fails if a restore of out left anything.
const absent = `; [ -z "$(ls -A | grep '^\.\?out')" ]`

// What was restored is what the database holds.
func TestPipe(t *testing.T) {
	f := newFolder(t, "3000000", "send.sh", "receive.sh")
	f.sh("sh send.sh | sh receive.sh out")
	if got := f.sh("cmp app.db out/database.db && ls out"); got != "database.db\n" {
		t.Errorf("restored %q", got)
	}
}

// Where a sender fails it says so, and the receiver makes no directory, whose exit
// status is that of the pipe.
func TestPipeFails(t *testing.T) {
	for name, c := range map[string]struct{ before, sender, says string }{
		"the database is missing": {"rm app.db", "sh send.sh", "app.db is missing or empty"},
		"the database is empty":   {": >app.db", "sh send.sh", "app.db is missing or empty"},
		"the database goes":       {"sed -i '/-s app.db/d' send.sh; rm app.db", "sh send.sh", "unable to open database"},
		"the sender is killed": {"", "strace -o /dev/null -P /dev/fd/3 -e inject=openat:signal=KILL:when=2 sh send.sh",
			"incomplete: the stream ends before database.db is whole"},
		"a write fails": {"", "strace -o /dev/null -P /dev/fd/3 -e inject=openat:error=EIO:when=2 sh send.sh", "failed to write file"},
		"the last write fails": {"", "strace -o /dev/null -P /dev/fd/3 -e inject=openat:error=EIO:when=3 sh send.sh",
			"failed to write file"},
		"the channel is cut": {"", "sh send.sh | head -c 2000000", "incomplete: the stream ends before database.db is whole"},
		"the end is cut":     {"", "sh send.sh | head -c -1", "incomplete: "},
		"bytes follow":       {"", "{ sh send.sh; echo 3000000; }", "vx_snapshot_read"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t, "3000000", "send.sh", "receive.sh")
			f.sh(c.before)
			f.fails(c.sender+" | sh receive.sh out", c.says)
			f.sh("ls" + absent)
			if c.before != "" {
				f.sh("[ ! -s app.db ]")
			}
		})
	}
}

// The sender fails where its receiver has gone, also where no signal ends it, and
// where it would write each row over the one before.
func TestSenderFails(t *testing.T) {
	f := newFolder(t, "3000000", "send.sh")
	f.fails("trap '' PIPE; { sh send.sh || { [ $? = 1 ] && echo failed >status; }; } | head -c 1 >first; cat status >&2; exit 1", "failed to write file: /dev/fd/3")
	if got := f.sh("cat status"); got != "failed\n" {
		t.Errorf("status %q", got)
	}
	f.fails("sh send.sh >file", "send.sh writes into a pipe")
	f.sh("[ ! -s file ]")
}

// A restore refuses what is damaged, leaves no other file, and says where what was saved was damaged
// before.
func TestRestoreRecipe(t *testing.T) {
	f := newFolder(t, "300000", "restore.sh")
	save := `sqlite3 app.db '.load ./vxsnap' "SELECT vx_snapshot_save('new.tar.zst')"; `
	f.sh(save + differs)
	f.fails("sh restore.sh new.tar.zst out", "new.tar.zst: database.db: checksum mismatch")
	f.sh("ls" + absent)
	f.sh("rm new.tar.zst; sqlite3 app.db 'PRAGMA journal_mode = WAL'; " + save + "sh restore.sh new.tar.zst wal")
	if got := f.sh("ls wal"); got != "database.db\n" {
		t.Errorf("restored %s", got)
	}
	f.sh("rm new.tar.zst; printf damage | dd of=app.db bs=1 seek=4096 conv=notrunc status=none; " + save)
	f.fails("sh restore.sh new.tar.zst out", "malformed")
}

// What is encrypted is never on the disk otherwise, and nothing takes the place of a
// good backup where the sender fails.
func TestEncrypted(t *testing.T) {
	f := newFolder(t, "3000000", "send.sh", "receive.sh", "encrypt.sh")
	f.sh("age-keygen -o key.txt 2>key.log; age-keygen -y key.txt >recipients.txt")
	f.sh("strace -f -o trace -e trace=openat,creat bash encrypt.sh; ls backup-*.age")
	if got, want := f.sh(`grep -E 'O_CREAT|O_WRONLY|O_TMPFILE' trace | grep -v -e '= -1' | grep -oE '"[^"]*"' | sort -u`),
		"\"/dev/fd/3\"\n\"/dev/null\"\n\"new.age\"\n"; got != want {
		t.Errorf("written\n%swant\n%s", got, want)
	}
	before := f.sh("stat -c 'mode %a' backup-*.age; sha256sum backup-*.age")
	if !strings.HasPrefix(before, "mode 600\n") {
		t.Errorf("written: %s", before)
	}
	f.sh("age -d -i key.txt backup-*.age | sh receive.sh out; cmp app.db out/database.db; rm app.db")
	f.fails("bash encrypt.sh", "app.db is missing or empty")
	if got := f.sh("stat -c 'mode %a' backup-*.age; sha256sum backup-*.age"); got != before {
		t.Errorf("backups\n%swere\n%s", got, before)
	}
	f.fails("age -d -i key.txt backup-*.age | head -c -600 | sh receive.sh cut", "incomplete")
}
