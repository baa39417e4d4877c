package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// chunkSizes in bytes; vx_snapshot_chunks takes the second by default.
var chunkSizes = []int{smallChunkSize, defaultChunkSize, 1 << 20}

const (
	smallChunkSize   = 4 << 10
	defaultChunkSize = 64 << 10
)

// Names of peers.
const (
	backupName = ".backup" // one of the goals names it
	copyName   = "cp + sync"
)

// rowColumns are the arguments that verify and restore take.
const rowColumns = "seq, file_name, offset, data, is_last, metadata_json"

// The verbs, in the order of the tables.
const (
	verbExport = iota
	verbVerify
	verbRestore
	verbSave
	verbSync
	verbPrune
)

var verbs = []string{"export", "verify", "restore", "save", "sync", "prune"}

// A method is one way to do something, as a process.
type method struct {
	name      string
	args      []string
	want      string       // how its output starts
	stream    []string     // the same, with the bytes of the snapshot as its output
	before    func() error // makes what it changes, before the clock starts
	makes     []string     // files and directories to remove after each run
	temporary []string     // those among them that are not the result
	result    string       // the file that is the result, where its size is of interest
	prints    bool         // its output is the size of its result
	minor     bool         // no goal speaks of it
	cold      string       // the file that must not be in memory when it starts
	kept      int64        // how many bytes of that file may stay in memory meanwhile; 0 for all
}

func (m method) clean() {
	for _, path := range m.makes {
		_ = os.RemoveAll(path) // what cannot be removed fails the next run
	}
}

// vxsnapMethod runs SQL in the sqlite3 shell with vxsnap loaded.
func (b *bench) vxsnapMethod(chunkSize int, database, sql, want string) method {
	return method{
		name:  vxsnapName(chunkSize),
		args:  []string{"sqlite3", database, ".load " + b.vxsnap, sql},
		want:  want,
		minor: chunkSize > defaultChunkSize,
	}
}

func (b *bench) export(database string, chunkSize int) method {
	size := fileSize(database)
	return b.vxsnapMethod(chunkSize, database,
		fmt.Sprintf("SELECT sum(length(data)) FROM vx_snapshot_chunks(%d)", chunkSize), fmt.Sprint(size))
}

func (b *bench) verify(stored string, chunkSize int) method {
	return b.vxsnapMethod(chunkSize, stored,
		"SELECT vx_snapshot_verify("+rowColumns+") FROM snap", "ok")
}

func (b *bench) restore(stored string, chunkSize int) method {
	target := filepath.Join(b.dir, "restored")
	m := b.vxsnapMethod(chunkSize, stored,
		"SELECT vx_snapshot_restore("+quote(target)+", "+rowColumns+") FROM snap", `{"snapshot_id"`)
	m.makes = []string{target}
	return m
}

// loading is the shell that loads vxsnap and does nothing.
func (b *bench) loading() method {
	return method{name: "load", args: []string{"sqlite3", ":memory:", ".load " + b.vxsnap}}
}

func openssl(database string) method {
	return method{name: "openssl dgst -sha256", args: []string{"openssl", "dgst", "-sha256", database}, want: "SHA2-256("}
}

// copyPath is where a peer leaves a copy.
func (b *bench) copyPath() string { return filepath.Join(b.dir, "copy.db") }

func (b *bench) backup(database string) method {
	out := b.copyPath()
	return method{name: backupName, args: []string{"sqlite3", database, ".backup " + out}, makes: []string{out}}
}

func (b *bench) copySynced(file string) method {
	m := script(copyName, "cp --reflink=never %[1]s %[2]s && sync %[2]s", file, b.copyPath())
	m.makes = []string{b.copyPath()}
	return m
}

// copies are the peers of export that leave a copy.
func (b *bench) copies(database string) []method {
	out := b.copyPath()
	vacuum := method{name: "VACUUM INTO", args: []string{"sqlite3", database, "VACUUM INTO " + quote(out)}, makes: []string{out}}
	stream := script(".backup, openssl, cat",
		"sqlite3 %[1]s '.backup %[2]s' && openssl dgst -sha256 -out %[2]s.sha256 %[2]s && cat %[2]s", database, out)
	stream.stream = stream.args
	stream.args = []string{"sh", "-c", stream.args[2] + " > /dev/null"}
	stream.makes = []string{out, out + ".sha256"}
	stream.temporary = []string{out}
	methods := []method{b.backup(database), vacuum, stream, b.copySynced(database)}
	for i := range methods {
		methods[i].minor = methods[i].name != backupName
	}
	return methods
}

// copyAndHash is what restore does, by hand: a copy on the disk, and its checksum.
func (b *bench) copyAndHash(database string) method {
	out := b.copyPath()
	m := script("cp + sync + openssl",
		"cp --reflink=never %[1]s %[2]s && sync %[2]s && openssl dgst -sha256 %[2]s", database, out)
	m.makes = []string{out}
	return m
}

func script(name, format string, paths ...any) method {
	return method{name: name, args: []string{"sh", "-c", fmt.Sprintf(format, paths...)}}
}

// vxsnapName names vxsnap's methods by their chunk size.
func vxsnapName(chunkSize int) string { return "vxsnap, chunks of " + bytesText(chunkSize) }

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1 // the run fails, and says so
	}
	return info.Size()
}

func bytesText(n int) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}
