package docs_test

import "testing"

// The script of FORMAT.md that checks what tar unpacked finds whatever is not what was
// saved.
func TestByHand(t *testing.T) {
	const unpack = `
		sqlite3 app.db '.load ./vxsnap' "SELECT vx_snapshot_save('snap.tar.zst')"
		rm -rf out; mkdir out; zstd -dc snap.tar.zst | tar x -C out; rm snap.tar.zst`
	f := newFolder(t, "300000")
	f.shown("FORMAT.md", "check.sh")
	f.sh("sqlite3 app.db '.load ./vectorlite' \"CREATE VIRTUAL TABLE v USING vectorlite(v float32[2], hnsw(max_elements=100), 'v.idx')\"")
	for _, c := range []struct{ damage, says string }{
		{"printf xxxxxxxx | dd of=out/database.db bs=1 seek=299000 conv=notrunc", "database.db is not what END says"},
		{"printf x >>out/database.db", "database.db is not what END says"},
		{"truncate -s -1 out/database.db", "database.db is not what END says"},
		{"printf xxxxxxxx | dd of=out/index_0.idx bs=1 seek=100 conv=notrunc", "index_0.idx is not what END says"},
		{": >out/index_0.idx", "index_0.idx is not what END says"},
		{"rm out/database.db", "database.db is not what END says"},
		{"sed -i 's/snap_/snip_/' out/metadata.json", "metadata.json is not what END says"},
		{"sed -i 's/\"checksum\":\"......../\"checksum\":\"00000000/' out/END", "metadata.json is not what END says"},
		{"rm out/metadata.json", "metadata.json is not what END says"},
		{"rm out/END", "END: No such file"},
		{"truncate -s -1 out/END", "parse error"},
	} {
		f.sh(unpack + "; sh check.sh out; " + c.damage)
		f.fails("sh check.sh out", c.says)
	}
	f.sh("rm app.db; : >app.db;" + unpack + "; [ ! -s out/database.db ]; sh check.sh out")
}
