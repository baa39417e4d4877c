package main

import (
	"fmt"
	"path/filepath"
)

// Names of vxsnap's methods on saved files.
const (
	tarName  = "vxsnap, .tar"
	zstdName = "vxsnap, .tar.zst"
)

// savedFiles are the paths of what the methods read: two databases, and a snapshot of
// each in a file.
type savedFiles struct{ database, texts, tar, zstd string }

// contests are what is measured on saved files.
func (b *bench) contests(files savedFiles) [savedPairs]contest {
	minor := func(m method) method {
		m.minor = true
		return m
	}
	return [savedPairs]contest{
		saveBackup:  {verbSave, false, b.save(tarName, files.database, ".tar"), b.backup(files.database)},
		saveCopy:    {verbSave, false, b.save(tarName, files.database, ".tar"), b.copySynced(files.database)},
		saveZstd:    {verbSave, true, b.save(zstdName, files.texts, ".tar.zst"), b.zstd(files.texts)},
		exportTar:   {verbExport, false, minor(b.exportTar(files.database)), b.export(files.database, defaultChunkSize)},
		exportZstd:  {verbExport, true, minor(b.exportZstd(files.texts)), zstdPipe(files.texts)},
		verifyTar:   {verbVerify, false, minor(b.verifySaved(tarName, files.tar)), openssl(files.database)},
		verifyZstd:  {verbVerify, true, minor(b.verifySaved(zstdName, files.zstd)), openssl(files.texts)},
		restoreTar:  {verbRestore, false, b.restoreSaved(tarName, files.tar), b.copyAndHash(files.database)},
		restoreZstd: {verbRestore, true, b.restoreSaved(zstdName, files.zstd), b.unzstd(files.zstd)},
	}
}

func (b *bench) sql(name, database, sql, want string) method {
	return method{name: name, args: []string{"sqlite3", database, ".load " + b.vxsnap, sql}, want: want}
}

func (b *bench) save(name, database, ending string) method {
	out := filepath.Join(b.dir, "out"+ending)
	m := b.sql(name, database, "SELECT vx_snapshot_save("+quote(out)+")", `{"snapshot_id"`)
	m.makes, m.result = []string{out}, out
	return m
}

// exportTar reads the bytes of a tar as rows, and gives how many they are.
func (b *bench) exportTar(database string) method {
	m := b.sql("vxsnap, .tar as rows of 64 KiB", database,
		fmt.Sprintf("SELECT sum(length(data)) FROM vx_snapshot_tar(%d)", defaultChunkSize), "")
	m.prints = true
	return m
}

// exportZstd compresses each row, and gives how many bytes they are.
func (b *bench) exportZstd(database string) method {
	m := b.sql("vxsnap, chunks of 64 KiB in zstd", database,
		fmt.Sprintf("SELECT sum(length(data)) FROM vx_snapshot_chunks(%d, 'main', 'auto', 'zstd')", defaultChunkSize), "")
	m.prints = true
	return m
}

func (b *bench) verifySaved(name, file string) method {
	return b.sql(name, ":memory:", "SELECT vx_snapshot_verify("+rowColumns+") FROM vx_snapshot_read("+quote(file)+")", "ok")
}

func (b *bench) restoreSaved(name, file string) method {
	target := filepath.Join(b.dir, "restored")
	m := b.sql(name, ":memory:",
		"SELECT vx_snapshot_restore("+quote(target)+", "+rowColumns+") FROM vx_snapshot_read("+quote(file)+")", `{"snapshot_id"`)
	m.makes = []string{target}
	return m
}

// zstd compresses a file on every core into another one on the disk.
func (b *bench) zstd(file string) method {
	out := filepath.Join(b.dir, "out.zst")
	m := script("zstd -1 -T0 + sync", "zstd -q -1 -T0 -o %[2]s %[1]s && sync %[2]s", file, out)
	m.makes, m.result = []string{out}, out
	return m
}

// unzstd is what a restore of a compressed file does, by hand and without a checksum.
func (b *bench) unzstd(file string) method {
	out := filepath.Join(b.dir, "out.tar")
	m := script("zstd -d + sync", "zstd -q -d -o %[2]s %[1]s && sync %[2]s", file, out)
	m.makes = []string{out}
	return m
}

// zstdPipe compresses a file on one core, and gives how many bytes come of it.
func zstdPipe(file string) method {
	m := script("zstd -1", "zstd -q -1 -c %s | wc -c", file)
	m.prints = true
	return m
}
