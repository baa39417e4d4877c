package live_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// roles are what this test binary does when it is run again as another process.
var roles = map[string]func(args []string){}

func TestMain(m *testing.M) {
	if os.Getenv("VECTORLITE") == "" { // also for other processes, in other directories
		if path, err := filepath.Abs("../.tools/vectorlite.so"); err == nil {
			os.Setenv("VECTORLITE", path)
		}
	}
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		roles[os.Args[1]](os.Args[2:])
		return
	}
	os.Exit(m.Run())
}

// inRole is another process that plays a role.
func inRole(t *testing.T, role string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", append([]string{role}, args...)...)
	if path, err := os.Executable(); err == nil {
		cmd.Path = path
	}
	cmd.Stderr = os.Stderr
	return cmd
}

// A partner is a process that plays a role, line by line: it answers each line
// with one.
type partner struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startPartner(t *testing.T, role string, args ...string) *partner {
	t.Helper()
	p := &partner{t: t, cmd: inRole(t, role, args...)}
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.end)
	return p
}

// ask says a line and gives the answer.
func (p *partner) ask(line string) string {
	p.t.Helper()
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		p.t.Fatal(err)
	}
	answer, err := p.out.ReadString('\n')
	if err != nil {
		p.t.Fatalf("%s: the other process ended: %v", line, err)
	}
	return strings.TrimSuffix(answer, "\n")
}

// end has the process close what it has open.
func (p *partner) end() {
	if p.in != nil {
		p.in.Close()
		p.in = nil
		_ = p.cmd.Wait()
	}
}

// answer answers each line of the standard input.
func answer(do func(line string) string) {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		os.Stdout.WriteString(strings.ReplaceAll(do(lines.Text()), "\n", " ") + "\n")
	}
}
