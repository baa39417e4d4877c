package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// A session is a sqlite3 shell that has vxsnap loaded, has read the schema, and
// waits for statements: what a statement takes in it is without the start of a
// process, and without what a connection does once.
type session struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
}

func (b *bench) openSession(database string) (*session, error) {
	s := &session{cmd: b.command("sqlite3", "-batch", "-bail", database)}
	s.cmd.Stderr = &s.stderr
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.out = bufio.NewReader(stdout)
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if _, _, err := s.ask(".load " + b.vxsnap + "\nSELECT count(*) FROM sqlite_schema;"); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// ask sends a statement of one row, and gives the row and the seconds until it
// came. The shell hands its output on when a statement has ended, so that its end
// is in them too, and a write and a read of a pipe.
func (s *session) ask(sql string) (string, float64, error) {
	start := time.Now()
	if _, err := fmt.Fprintln(s.in, sql); err != nil {
		return "", 0, err
	}
	line, err := s.out.ReadString('\n')
	seconds := time.Since(start).Seconds()
	if err != nil {
		return "", 0, fmt.Errorf("%s: %w", sql, err)
	}
	return strings.TrimSpace(line), seconds, nil
}

func (s *session) close() error {
	_ = s.in.Close() // the shell ends with its input, or has ended
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("sqlite3: %w: %s", err, s.stderr.String())
	}
	return nil
}

// askOnce opens a session for one statement, whose row must begin with want.
func (b *bench) askOnce(database, sql, want string) (float64, error) {
	if err := b.settle(); err != nil {
		return 0, err
	}
	s, err := b.openSession(database)
	if err != nil {
		return 0, err
	}
	got, seconds, err := s.ask(sql)
	if err == nil && !strings.HasPrefix(got, want) {
		err = fmt.Errorf("%s printed %q, want %q", sql, got, want)
	}
	return seconds, errors.Join(err, s.close())
}

// askOften is the median of several sessions.
func (b *bench) askOften(database, sql, want string) (float64, error) {
	return medianOf(b.runs, func() (float64, error) { return b.askOnce(database, sql, want) })
}
