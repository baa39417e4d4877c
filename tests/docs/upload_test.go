package docs_test

import (
	"io"
	"net"
	"testing"
)

// A cut ends a connection when so many bytes have gone one way.
type cut struct {
	up, down int64 // -1 means never
}

// through is a way to address that cuts connections, the first as cuts[0] says, and
// none when there are no more cuts. It counts them when it is asked to end.
func (f folder) through(address string, cuts ...cut) (way string, end func() int) {
	f.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	done := make(chan int, 1)
	go func() {
		n := 0
		for ; ; n++ {
			client, err := listener.Accept()
			if err != nil {
				break
			}
			c := cut{-1, -1}
			if n < len(cuts) {
				c = cuts[n]
			}
			c.join(client, address)
		}
		done <- n
	}()
	return listener.Addr().String(), func() int {
		_ = listener.Close()
		return <-done
	}
}

// join is one connection, until a side ends it or it is cut.
func (c cut) join(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	ended := make(chan struct{}, 2)
	flow := func(to, from net.Conn, most int64) {
		if most < 0 {
			_, _ = io.Copy(to, from)
		} else {
			_, _ = io.CopyN(to, from, most)
		}
		ended <- struct{}{}
	}
	go flow(server, client, c.up)
	go flow(client, server, c.down)
	<-ended
}

// A part whose connection is cut, or whose answer is lost, is sent again while the
// snapshot waits, and what the server makes of the parts is the snapshot.
func TestUpload(t *testing.T) {
	f := newFolder(t, "12000000", "upload.py", "store.py", "restore.sh")
	f.sh("mkdir store")
	address, _ := f.serve("store.py", "store")
	way, end := f.through(address, cut{-1, -1}, cut{1000000, -1}, cut{-1, 1}) // part 1, and part 2 twice
	f.sh("/usr/bin/python3 upload.py " + way + " night.tar.zst")
	if got, want := end(), 6; got != want {
		t.Errorf("%d connections, want %d", got, want)
	}
	f.sh("sh restore.sh store/night.tar.zst out; cmp app.db out/database.db")
	if got := f.sh("ls -A store"); got != "night.tar.zst\n" {
		t.Errorf("the server has\n%s", got)
	}
}

// An upload that does not succeed says so, and makes no object.
func TestUploadFails(t *testing.T) {
	f := newFolder(t, "40000000", "upload.py", "store.py")
	f.sh("mkdir store")
	address, _ := f.serve("store.py", "store")
	upload := func(way string) string { return "/usr/bin/python3 upload.py " + way + " night.tar.zst" }

	way, end := f.through(address, cut{1000000, -1}, cut{1000000, -1}, cut{1000000, -1})
	f.sh("sed -i 's/tries=5/tries=3/' upload.py")
	f.fails(upload(way), "PUT /night.tar.zst/1: ")
	if got := end(); got != 3 {
		t.Errorf("%d connections, want 3", got)
	}
	if got := f.sh("ls -A store"); got != "" {
		t.Errorf("of cut parts the server keeps\n%s", got)
	}

	f.sh("mv app.db other.db")
	f.fails(upload(address), "unable to open database file")
	f.sh(`[ -z "$(ls -A store)" ] && mv other.db app.db`)
	f.sh(`sed -i 's/^        send.*/&; open("app.db", "r+b").truncate(20000000)/' upload.py`)
	f.fails(upload(address), "Error: ")
	f.sh("[ -e store/.night.tar.zst.1 ] && [ ! -e store/night.tar.zst ]")
}
