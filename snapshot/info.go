package snapshot

import "time"

// An Info says of a whole snapshot what it is. Two snapshots with one Checksum are the
// same, byte for byte.
type Info struct {
	ID        string
	CreatedAt time.Time // UTC
	Size      int64     // of the files together, in bytes
	Checksum  Checksum  // of the snapshot, as in the end record
	Files     []File    // index files, then the database; Path is where each was, not where it is

	// SavedSize is how many bytes the snapshot has as a saved file. Whoever knows sets it.
	SavedSize int64

	// Base, if not nil, is what an increment was made on that was verified without it.
	Base *BaseRecord
}

func infoOf(m *Metadata, sum Checksum) *Info {
	return &Info{
		ID: m.SnapshotID, CreatedAt: time.UnixMilli(m.CreatedAt).UTC(), Size: m.TotalSize, Checksum: sum, Files: m.Files,
	}
}

// Info is the snapshot's, which is known with the end row.
func (s *Stream) Info() *Info { return infoOf(s.meta, s.checksum) }

// Info is that of the snapshot that was restored, after Finish.
func (r *Restorer) Info() *Info { return infoOf(r.meta, r.end.Checksum) }
