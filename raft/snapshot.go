package raftsnap

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/raft"

	"github.com/vxsnap/vxsnap/live"
)

// chunkSize is the length of the rows that a snapshot is made of, in bytes.
const chunkSize = 1 << 20

// A Snapshot is one moment of a Store. It implements raft.FSMSnapshot.
type Snapshot struct {
	store *Store
	state *generation
	index uint64

	mu   sync.Mutex // held by Persist, and by Release
	file *live.File // nil after Release
}

var _ raft.FSMSnapshot = (*Snapshot)(nil)

// Snapshot holds the state as it is now; it implements a part of raft.FSM. It
// makes vectorlite write its indexes, which takes as long as writing the files,
// and pins the database, which takes milliseconds. The caller must call Release
// on what it returns: until then the WAL of the database cannot be truncated.
func (s *Store) Snapshot() (raft.FSMSnapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return nil, err
	}
	begin := time.Now()
	s.opt.Logger.Info("snapshot: flushing the indexes")
	flushedBy, index, err := flush(s.state.conn)
	if err != nil {
		err = fmt.Errorf("flush the indexes: %w", err)
		if errors.Is(err, live.ErrVectorsLost) {
			s.failed = behind(err)
			return nil, s.failed
		}
		return nil, fmt.Errorf("raftsnap: %w", err)
	}
	flushed := time.Now()
	file, err := flushedBy.HoldFile(live.IndexAuto)
	if err != nil {
		return nil, fmt.Errorf("raftsnap: pin the database: %w", err)
	}
	s.state.use()
	s.opt.Logger.Info("snapshot: pinned", "index", index, "bytes", file.PageSize()*file.Pages(), "way", file.Way(),
		"flush", flushed.Sub(begin), "pin", time.Since(flushed))
	return &Snapshot{store: s, state: s.state, index: index, file: file}, nil
}

// flush makes vectorlite write the indexes of a connection, and gives the index
// of the last entry.
func flush(conn *sql.Conn) (known *live.Conn, index uint64, err error) {
	err = conn.Raw(func(driverConn any) (err error) {
		known, err = live.OfDriver(driverConn)
		if err == nil {
			_, err = known.Flush()
		}
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	index, err = applied(conn)
	return known, index, err
}

// Persist writes the moment to a sink as a tar stream, see snapshot.Tar,
// and closes it. Where it returns an error, it has cancelled the sink. It may
// run while Apply goes on, and needs memory for a few chunks.
func (s *Snapshot) Persist(sink raft.SnapshotSink) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	begin := time.Now()
	s.store.opt.Logger.Info("persist: begin", "index", s.index, "sink", sink.ID())
	err := s.write(sink)
	if err == nil {
		err = sink.Close()
	}
	if err != nil {
		err = errors.Join(err, sink.Cancel())
		s.store.opt.Logger.Error("persist: failed", "index", s.index, "error", err)
		return fmt.Errorf("raftsnap: persist the state at entry %d: %w", s.index, err)
	}
	s.store.opt.Logger.Info("persist: done", "index", s.index, "duration", time.Since(begin))
	s.store.persisted(s.state)
	return nil
}

func (s *Snapshot) write(sink raft.SnapshotSink) error {
	if s.file == nil {
		return errors.New("the snapshot is released; take another")
	}
	export, err := s.file.Export(chunkSize)
	if err != nil {
		return err
	}
	defer export.Close()
	_, err = export.Tar().WriteTo(sink)
	return err
}

// persisted lets the link lead to a state that raft can now build again. If that
// fails, the link goes on leading to an older one.
func (s *Store) persisted(g *generation) {
	s.mu.Lock()
	if s.state != g { // it was replaced meanwhile
		s.mu.Unlock()
		return
	}
	earlier, err := s.adopt()
	s.mu.Unlock()
	if err != nil {
		s.opt.Logger.Error("persist: the link was not moved", "link", currentName, "error", err)
	}
	s.discard(earlier)
}

// Release lets go of the moment. It waits for a Persist that is running, and
// may be called twice.
func (s *Snapshot) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return
	}
	s.file.Close()
	s.file = nil
	if err := s.state.release(false); err != nil {
		s.store.opt.Logger.Error("release: failed", "index", s.index, "error", err)
	}
}
