// Command raft is a replicated store of documents with vectors: SQLite and
// vectorlite on every node, kept equal by hashicorp/raft. docs/RAFT.md explains
// it; cluster.sh runs four of them.
//
//	PUT  /docs       [{"id": 1, "text": "…", "vector": […]}, …]
//	GET  /search     ?vector=[…]&k=10   the nearest documents, as this node has them
//	GET  /status     what this node is, and has; ?digest=1 adds a hash of every table
//	POST /snapshot   takes a snapshot and sends it, a tar stream
//	POST /join       {"http": "host:port", "raft": "host:port"}
//	POST /remove     {"http": "host:port"}
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

type options struct {
	directory, vectorlite string
	http, raft, advertise string
	bootstrap             bool
	join                  string
	dimensions, most      int
	every                 time.Duration
	after, trailing       uint64
	retain                int
}

func parse() (o options) {
	flag.StringVar(&o.directory, "dir", "", "where this node keeps everything; made if it does not exist")
	flag.StringVar(&o.vectorlite, "vectorlite", "vectorlite.so", "the vectorlite extension")
	flag.StringVar(&o.http, "http", "127.0.0.1:8001", "the address for clients, which is also the node's name")
	flag.StringVar(&o.raft, "raft", "127.0.0.1:9001", "the address for the other nodes")
	flag.StringVar(&o.advertise, "advertise", "", "where the other nodes reach that address, if it is elsewhere")
	flag.BoolVar(&o.bootstrap, "bootstrap", false, "begin a cluster with this node alone, unless it is in one")
	flag.StringVar(&o.join, "join", "", "the -http address of a node whose cluster this one joins, unless it is in one")
	flag.IntVar(&o.dimensions, "dimensions", 8, "numbers in a vector; the same on every node")
	flag.IntVar(&o.most, "max", 100000, "documents, at most; the same on every node")
	flag.DurationVar(&o.every, "snapshot-every", 2*time.Minute, "how often to see whether a snapshot is due")
	flag.Uint64Var(&o.after, "snapshot-after", 8192, "log entries that make one due")
	flag.Uint64Var(&o.trailing, "trailing", 10240, "log entries to keep behind a snapshot")
	flag.IntVar(&o.retain, "retain", 2, "snapshots to keep")
	flag.Parse()
	if o.directory == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "usage: raft -dir DIRECTORY [FLAGS]; raft -help lists them")
		os.Exit(2)
	}
	return o
}

func main() {
	if err := run(parse()); err != nil {
		log.Fatal(err)
	}
}

func run(o options) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	n, err := start(o)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: n.handler(), ReadHeaderTimeout: 10 * time.Second}
	listener, err := net.Listen("tcp", o.http)
	if err != nil {
		return errors.Join(err, n.stop())
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	if o.join != "" {
		err = n.join(ctx, o.join)
	}
	if err == nil {
		log.Printf("ready: http://%s", o.http)
		select {
		case err = <-failed:
		case <-ctx.Done():
		}
	}
	return errors.Join(err, server.Close(), n.stop())
}
