package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/hashicorp/raft"
)

// applyTimeout is how long a client waits for an entry to be accepted.
const applyTimeout = 10 * time.Second

// maxBody is the longest request, in bytes. It becomes an entry of raft's log,
// and raft sends up to 64 of them at a time.
const maxBody = 4 << 20

// A member names a node of the cluster.
type member struct {
	HTTP string `json:"http"`
	Raft string `json:"raft"`
}

func (n *node) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /docs", n.leaderOnly(n.put))
	mux.HandleFunc("GET /search", n.search)
	mux.HandleFunc("GET /status", n.status)
	mux.HandleFunc("POST /snapshot", n.snapshot)
	mux.HandleFunc("POST /join", n.leaderOnly(n.add))
	mux.HandleFunc("POST /remove", n.leaderOnly(n.remove))
	return mux
}

// leaderOnly sends clients of a follower to the leader, whose name is its
// address.
func (n *node) leaderOnly(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if n.raft.State() == raft.Leader {
			handle(w, r)
			return
		}
		if _, leader := n.raft.LeaderWithID(); leader != "" {
			http.Redirect(w, r, "http://"+string(leader)+r.RequestURI, http.StatusTemporaryRedirect)
			return
		}
		http.Error(w, "there is no leader at the moment; try again", http.StatusServiceUnavailable)
	}
}

func (n *node) put(w http.ResponseWriter, r *http.Request) {
	entry, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	future := n.raft.Apply(entry, applyTimeout)
	if err := future.Error(); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	if fault, ok := future.Response().(error); ok {
		http.Error(w, fault.Error(), http.StatusBadRequest)
		return
	}
	answer(w, map[string]any{"index": future.Index()}, nil)
}

func (n *node) search(w http.ResponseWriter, r *http.Request) {
	var vector []float32
	err := json.Unmarshal([]byte(r.FormValue("vector")), &vector)
	if err == nil {
		err = n.store.checkVector(vector)
	}
	if err != nil {
		http.Error(w, "vector must be a JSON array of numbers: "+err.Error(), http.StatusBadRequest)
		return
	}
	k := min(10, n.opt.most)
	if text := r.FormValue("k"); text != "" {
		if k, err = strconv.Atoi(text); err != nil || k < 1 || k > n.opt.most {
			http.Error(w, fmt.Sprintf("k must be a number from 1 to %d, got %q", n.opt.most, text), http.StatusBadRequest)
			return
		}
	}
	hits, err := n.store.search(vector, k)
	answer(w, hits, err)
}

func (n *node) status(w http.ResponseWriter, r *http.Request) {
	applied, err := n.store.Applied()
	if err != nil {
		answer(w, nil, err)
		return
	}
	_, leader := n.raft.LeaderWithID()
	status := map[string]any{
		"node": n.opt.http, "state": n.raft.State().String(), "leader": leader, "applied": applied,
		"last_index": n.raft.LastIndex(), "last_snapshot": n.raft.Stats()["last_snapshot_index"],
	}
	if r.FormValue("digest") != "" {
		status["digest"], status["documents"], err = n.store.digest()
	}
	answer(w, status, err)
}

func (n *node) snapshot(w http.ResponseWriter, _ *http.Request) {
	future := n.raft.Snapshot()
	if err := future.Error(); err != nil {
		answer(w, nil, err)
		return
	}
	meta, stream, err := future.Open()
	if err != nil {
		answer(w, nil, err)
		return
	}
	defer stream.Close()
	w.Header().Set("Content-Type", "application/x-tar")
	w.Header().Set("Content-Length", strconv.FormatInt(meta.Size, 10))
	_, _ = io.Copy(w, stream) // the length tells the client whether it has all
}

func (n *node) add(w http.ResponseWriter, r *http.Request) {
	n.change(w, r, true, func(m member) raft.IndexFuture {
		return n.raft.AddVoter(raft.ServerID(m.HTTP), raft.ServerAddress(m.Raft), 0, applyTimeout)
	})
}

func (n *node) remove(w http.ResponseWriter, r *http.Request) {
	n.change(w, r, false, func(m member) raft.IndexFuture {
		return n.raft.RemoveServer(raft.ServerID(m.HTTP), 0, applyTimeout)
	})
}

func (n *node) change(w http.ResponseWriter, r *http.Request, both bool, how func(member) raft.IndexFuture) {
	var m member
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&m)
	if err != nil || m.HTTP == "" || both && m.Raft == "" {
		http.Error(w, `the body must be {"http": "host:port", "raft": "host:port"}`, http.StatusBadRequest)
		return
	}
	answer(w, m, how(m).Error())
}

func answer(w http.ResponseWriter, value any, err error) {
	if err != nil {
		code := http.StatusInternalServerError
		if errors.Is(err, raft.ErrNotLeader) || errors.Is(err, raft.ErrLeadershipLost) {
			code = http.StatusServiceUnavailable
		}
		http.Error(w, err.Error(), code)
		return
	}
	text, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(text, '\n'))
}
