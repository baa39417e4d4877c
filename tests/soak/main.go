// Command soak lets writers, checkpointers and exporters loose on databases in
// every journal mode, restores every snapshot that comes out, and counts.
//
//	soak -minutes 10
//
// One round lasts some seconds and has one journal mode. Its processes are this
// program again: two writers, an exporter, and one that keeps a vectorlite
// index; the parent exports from two goroutines at the same time. The exit
// status is 1 if anything was bad.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"sync"
	"time"

	"github.com/vxsnap/vxsnap/extension"
)

var journalModes = []string{"wal", "delete", "truncate", "persist", "memory", "off"}

const round = 8 * time.Second

// counts says how often each thing was done; names that begin with BAD are
// failures.
type counts map[string]int

func (c counts) add(other counts) {
	for name, n := range other {
		c[name] += n
	}
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("soak: ")
	minutes := flag.Float64("minutes", 1, "how long to go on")
	flag.Parse()
	if err := extension.Auto(); err != nil {
		log.Fatal(err)
	}
	if flag.NArg() > 0 {
		child(flag.Args())
		return
	}
	total := counts{}
	deadline := time.Now().Add(time.Duration(*minutes * float64(time.Minute)))
	for i := 0; i == 0 || time.Now().Before(deadline); i++ {
		mode := journalModes[i%len(journalModes)]
		total.add(runRound(mode))
		total["rounds, journal_mode="+mode]++
	}
	report(total)
}

func report(total counts) {
	bad := 0
	var names []string
	for name := range total {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Printf("%8d  %s\n", total[name], name)
		if len(name) > 3 && name[:3] == "BAD" {
			bad += total[name]
		}
	}
	fmt.Printf("%d bad\n", bad)
	if bad > 0 {
		os.Exit(1)
	}
}

func runRound(mode string) counts {
	dir, err := os.MkdirTemp("", "soak-*")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	database := filepath.Join(dir, "soak.db")
	setUp(database, mode)

	ctx, cancel := context.WithTimeout(context.Background(), round)
	defer cancel()
	total, mu, wait := counts{}, sync.Mutex{}, sync.WaitGroup{}
	start := func(run func() counts) {
		wait.Go(func() {
			done := run()
			mu.Lock()
			defer mu.Unlock()
			total.add(done)
		})
	}
	for i, role := range []string{"write", "write", "export", "vectors"} {
		start(func() counts { return spawn(role, database, mode, fmt.Sprint(i)) })
	}
	for i := range 2 {
		start(func() counts { return exporter(ctx, database, filepath.Join(dir, fmt.Sprint("thread", i))) })
	}
	wait.Wait()
	total.add(checkDatabase(database, "source"))
	return total
}

// spawn runs this program in a role for one round.
func spawn(args ...string) counts {
	cmd := exec.Command(os.Args[0], args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	done := counts{}
	if err := cmd.Run(); err != nil {
		log.Printf("%v: %v", args, err)
		return counts{"BAD: a process failed": 1}
	}
	if err := json.Unmarshal(out.Bytes(), &done); err != nil {
		log.Printf("%v: %v in %q", args, err, out.String())
		return counts{"BAD: a process failed": 1}
	}
	return done
}

// child plays a role: its name, the database, the journal mode, a number.
func child(args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), round)
	defer cancel()
	role, database, mode, number := args[0], args[1], args[2], args[3]
	done := counts{}
	switch role {
	case "write":
		done = writer(ctx, database, mode)
	case "export":
		done = exporter(ctx, database, filepath.Join(filepath.Dir(database), "process"+number))
	case "vectors":
		done = vectors(ctx, filepath.Dir(database))
	}
	if err := json.NewEncoder(os.Stdout).Encode(done); err != nil {
		log.Fatal(err)
	}
}
