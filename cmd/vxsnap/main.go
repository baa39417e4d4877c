// Command vxsnap takes, checks and restores snapshots of live SQLite databases and of
// the vector index files that belong to them. It is the Go package vxsnap and package
// store, with arguments, progress and exit codes; docs/COMMAND.md shows it.
//
// root.go has the help and what all commands share, exit.go the exit codes, words.go the
// words of errors, source.go what a snapshot is read from, pipes.go standard input and
// output, output.go what is printed, progress.go the bar, metrics.go the file for
// Prometheus. Every other file is one command: save.go (with savestore.go), list.go (with
// listed.go), verify.go, restore.go (with over.go), prune.go, relocate.go, files.go and
// version.go. Read root.go next.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// run runs the command until a signal comes. A second one ends the process at once.
func run(args []string) int {
	signal.Ignore(syscall.SIGPIPE) // a write is an error instead
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) { // as nohup wants it
			signal.Notify(signals, s)
		}
	}
	go func() {
		s := (<-signals).(syscall.Signal)
		signal.Stop(signals)
		cancel(stopped{s})
	}()
	a := new(app)
	root := a.root()
	root.SetArgs(args)
	return a.exit(ctx, root.ExecuteContext(ctx))
}
