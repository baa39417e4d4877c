package docs_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// serve starts a server of a page in a directory below the folder. It gives its address
// and its process, which ends with the test.
func (f folder) serve(script, below string) (address string, server *exec.Cmd) {
	f.Helper()
	server = exec.Command("/usr/bin/python3", filepath.Join(f.dir, script))
	server.Dir = filepath.Join(f.dir, below)
	out, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		f.Fatal(err)
	}
	return strings.TrimSpace(line), server
}

// get begins a response, of whose body nothing is read yet but what fits into the
// buffers on the way.
func (f folder) get(address string) io.ReadCloser {
	f.Helper()
	client := http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{}).DialContext, DisableKeepAlives: true}}
	response, err := client.Get("http://" + address + "/")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = response.Body.Close() })
	return response.Body
}

// Of writers: one waits for nobody, the other for whoever ends within a minute.
const (
	writeNow = `sqlite3 app.db "UPDATE t SET a = a WHERE a = 'first'"`
	write    = `sqlite3 app.db '.timeout 60000' "UPDATE t SET a = a WHERE a = 'first'"`
)

// A client that reads nothing holds the database, and no memory but what is always
// taken; what it reads in the end is whole.
func TestServe(t *testing.T) {
	const most = 128 << 10 // KiB: of Python, the library and the blocks of a stream
	f := newFolder(t, "200000000", "serve.py", "receive.sh")
	address, server := f.serve("serve.py", "")
	body := f.get(address)
	f.fails(writeNow, "database is locked")
	peak := regexp.MustCompile(`VmHWM:\s+(\d+) kB`)
	receive := exec.Command("sh", "receive.sh", "out")
	receive.Stdin = body
	if status, _, stderr := f.try(receive); status != 0 {
		t.Fatalf("exit status %d, printed %q", status, stderr)
	}
	f.sh("cmp app.db out/database.db")
	f.sh(write)
	text := read(t, "/proc/"+strconv.Itoa(server.Process.Pid)+"/status")
	if kib, err := strconv.Atoi(peak.FindStringSubmatch(text)[1]); err != nil || kib > most {
		t.Errorf("the server took %d KiB, at most %d: %v", kib, most, err)
	}
}

// A client that goes away, or that takes nothing for longer than the server waits,
// ends the statement.
func TestServeEnds(t *testing.T) {
	f := newFolder(t, "40000000", "serve.py")
	address, _ := f.serve("serve.py", "")
	body := f.get(address)
	f.fails(writeNow, "database is locked")
	if err := body.Close(); err != nil {
		t.Fatal(err)
	}
	f.sh(write)

	f.sh("sed -i 's/timeout = 60/timeout = 1/' serve.py")
	address, _ = f.serve("serve.py", "")
	f.get(address)
	f.sh(write)
}

// What fails on the way is no whole response.
func TestServeFails(t *testing.T) {
	f := newFolder(t, "40000000", "serve.py")
	address, _ := f.serve("serve.py", "")
	body := f.get(address)
	f.sh("truncate -s 5000000 app.db")
	if n, err := io.Copy(io.Discard, body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d bytes, then %v", n, err)
	}
	f.sh("rm app.db")
	f.fails("curl -sSf http://"+address+"/", "curl: (52)")
	f.sh("[ ! -e app.db ]")
}
