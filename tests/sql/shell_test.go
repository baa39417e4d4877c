package sql_test

import (
	"bufio"
	"cmp"
	"database/sql/driver"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// shell is a sqlite3 process. \004 ends what it prints for a command.
type shell struct {
	*exec.Cmd
	input  io.WriteCloser
	output *bufio.Reader
}

func openShell(file string, extensions []string) (connection, error) {
	s := &shell{Cmd: exec.Command(os.Getenv("SQLITE3"), "-batch", "-init", os.DevNull, file)}
	s.input, _ = s.StdinPipe()
	output, _ := s.StdoutPipe()
	s.output = bufio.NewReader(output)
	s.Stderr = s.Stdout
	if err := s.Start(); err != nil {
		return nil, err
	}
	setup := `.mode quote` + "\n" + `.separator "\037" "\036"` + "\n.load "
	_, err := s.exec(setup + strings.Join(append([]string{os.Getenv("VXSNAP")}, extensions...), "\n.load "))
	return s, err
}

func (s *shell) exec(sql string) (rows [][]driver.Value, err error) {
	timer := time.AfterFunc(limit, func() { s.Process.Kill() })
	fmt.Fprintf(s.input, "%s\n;\n.print \"\\004\"\n", sql)
	output, err := s.output.ReadString('\004')
	if !timer.Stop() || err != nil {
		return nil, fmt.Errorf("the shell ended, or took %v: %w", limit, err)
	} else if match := shellError.FindStringSubmatch(output); match != nil {
		return nil, fmt.Errorf("%s (%s)", match[1], cmp.Or(match[2], "1"))
	}
	lines := strings.Split(strings.Trim(output, "\n\004"), "\036")
	for _, line := range lines[:len(lines)-1] {
		var row []driver.Value
		for value := range strings.SplitSeq(line, "\037") {
			row = append(row, unquote(value))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// unquote reads a value of the shell's quote mode.
func unquote(value string) any {
	switch {
	case strings.HasPrefix(value, "'"):
		return strings.ReplaceAll(value[1:len(value)-1], "''", "'")
	case strings.HasPrefix(value, "X"):
		return strings.ToLower(value)
	case strings.ContainsAny(value, ".n"):
		number, _ := strconv.ParseFloat(value, 64) // out of range is infinity
		return number
	}
	return value // NULL or an integer
}

// Close reports a shell that a signal ended. It exits with 1 after errors.
func (s *shell) Close() error {
	defer time.AfterFunc(limit, func() { s.Process.Kill() }).Stop()
	s.input.Close()
	if err := s.Wait(); !s.ProcessState.Exited() {
		return err
	}
	return nil
}
