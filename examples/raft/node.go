package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/raft"
	boltdb "github.com/hashicorp/raft-boltdb/v2"
)

// A node is one member of the cluster.
type node struct {
	opt       options
	store     *store
	raft      *raft.Raft
	logs      *boltdb.BoltStore
	transport *raft.NetworkTransport
}

func start(o options) (_ *node, err error) {
	n := &node{opt: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.stop())
		}
	}()
	if n.store, err = openStore(o, slog.New(slog.NewTextHandler(os.Stderr, nil))); err != nil {
		return nil, err
	}
	if n.logs, err = boltdb.New(boltdb.Options{Path: filepath.Join(o.directory, "raft.db")}); err != nil {
		return nil, err
	}
	// A snapshot whose disk was full leaves its temporary directory behind.
	half, _ := filepath.Glob(filepath.Join(o.directory, "snapshots", "*.tmp"))
	for _, path := range half {
		_ = os.RemoveAll(path)
	}
	snapshots, err := raft.NewFileSnapshotStore(o.directory, o.retain, os.Stderr)
	if err != nil {
		return nil, err
	}
	if n.transport, err = listen(o); err != nil {
		return nil, err
	}
	config := raft.DefaultConfig()
	config.LocalID = raft.ServerID(o.http)
	config.SnapshotInterval, config.SnapshotThreshold, config.TrailingLogs = o.every, o.after, o.trailing
	if o.bootstrap {
		alone := raft.Configuration{Servers: []raft.Server{{ID: config.LocalID, Address: n.transport.LocalAddr()}}}
		err := raft.BootstrapCluster(config, n.logs, n.logs, snapshots, n.transport, alone)
		if err != nil && !errors.Is(err, raft.ErrCantBootstrap) {
			return nil, err
		}
	}
	if n.raft, err = newRaft(config, n.store, n.logs, snapshots, n.transport); err != nil {
		return nil, fmt.Errorf("%w\nThe log and the snapshots of this node do not give its state any more; the lines above say why. "+
			"Remove it from the cluster (POST /remove on the leader), empty %s, and start it with -join", err, o.directory)
	}
	return n, nil
}

// newRaft returns an error where raft panics: its log begins behind the only
// snapshot that could be restored.
func newRaft(c *raft.Config, f raft.FSM, logs *boltdb.BoltStore, s raft.SnapshotStore, t raft.Transport) (r *raft.Raft, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("raft: %v", p)
		}
	}()
	return raft.NewRaft(c, f, logs, logs, s, t)
}

func listen(o options) (*raft.NetworkTransport, error) {
	var advertise net.Addr
	if o.advertise != "" {
		address, err := net.ResolveTCPAddr("tcp", o.advertise)
		if err != nil {
			return nil, err
		}
		advertise = address
	}
	return raft.NewTCPTransport(o.raft, advertise, 3, 10*time.Second, os.Stderr)
}

// join asks a cluster to take this node, until it does. The node that was asked
// passes the question on to the leader.
func (n *node) join(ctx context.Context, address string) error {
	if len(n.raft.GetConfiguration().Configuration().Servers) > 0 {
		return nil // it is in one
	}
	question, err := json.Marshal(member{HTTP: n.opt.http, Raft: string(n.transport.LocalAddr())})
	if err != nil {
		return err
	}
	for {
		err := post(ctx, "http://"+address+"/join", question)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("join %s: %w", address, err)
		case <-time.After(time.Second):
		}
	}
}

func post(ctx context.Context, url string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
		return fmt.Errorf("%s: %s", response.Status, bytes.TrimSpace(text))
	}
	return nil
}

// stop ends what was started, in the reverse order.
func (n *node) stop() (err error) {
	if n.raft != nil {
		err = n.raft.Shutdown().Error()
	}
	if n.transport != nil {
		err = errors.Join(err, n.transport.Close())
	}
	if n.logs != nil {
		err = errors.Join(err, n.logs.Close())
	}
	if n.store != nil {
		err = errors.Join(err, n.store.Close())
	}
	return err
}
