package snapshot

import (
	"crypto/sha256"
	"math"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// ManifestOf is the manifest of files as they are, such as those of a directory. Of the
// options ChunkSize, NewBlock and Interrupted count.
func ManifestOf(sources []Source, opt Options) ([]byte, error) {
	opt = Options{ChunkSize: opt.ChunkSize, NewBlock: opt.NewBlock, Interrupted: opt.Interrupted}.withDefaults()
	m := &Metadata{ChunkSize: opt.ChunkSize}
	for i := range sources {
		m.Files = append(m.Files, sources[i].File)
	}
	l := newLayout(m)
	w, f := newWindow(l, sources, &opt), newFolder(l)
	defer w.close()
	if err := f.keepDigests(nil, math.MaxInt64); err != nil { // the files are there
		return nil, err
	}
	for {
		old, err := w.advance()
		if err != nil {
			return nil, err
		}
		if old != nil {
			for i := range old.digests {
				f.add(&old.digests[i])
			}
		}
		if w.front == nil {
			return f.manifest(nil, nil)
		}
	}
}

// manifest is that of the digests that came, in seq order: of the last file that began
// there may be a part. Without an end record it is of files, and of no snapshot.
func (f *folder) manifest(id *string, end *EndRecord) ([]byte, error) {
	m := Manifest{Version: Version, ChunkSize: f.layout.chunkSize, SnapshotID: id, Files: []ManifestFile{}}
	for i, sum := range f.files {
		m.Files = append(m.Files, ManifestFile{f.layout.files[i].Name, f.layout.files[i].Size, sum})
	}
	if f.left > 0 {
		file := &f.layout.files[len(f.files)]
		came := rows(file.Size, f.layout.chunkSize) - f.left
		m.Files = append(m.Files, ManifestFile{Name: file.Name, Size: came * f.layout.chunkSize, Checksum: f.sumSoFar()})
	}
	if end != nil {
		m.Checksum = end.Checksum
	} else {
		m.Checksum = m.ofFiles()
	}
	head, err := m.head()
	if err != nil {
		return nil, err
	}
	whole := f.kept[f.room-len(head):] // of a part the line is shorter
	copy(whole, head)
	return whole, nil
}

// roomForDigests is how much memory the manifest of rows takes from the start, at most, in
// bytes: their metadata may lie about what is to come.
const roomForDigests = 64 << 20

// keepDigests lets the folder keep what manifest needs, in memory that is not copied, at
// least up to most bytes. id is that of the snapshot, nil of files.
func (f *folder) keepDigests(id *string, most int64) error {
	m := Manifest{Version: Version, ChunkSize: f.layout.chunkSize, SnapshotID: id, Files: []ManifestFile{}}
	for i := range f.layout.files {
		m.Files = append(m.Files, ManifestFile{Name: f.layout.files[i].Name, Size: f.layout.files[i].Size})
	}
	head, err := m.head()
	if err == nil {
		f.keep, f.room = true, len(head)
		f.kept = make([]byte, len(head), int64(len(head))+min((f.layout.end-1)*sha256.Size, most))
	}
	return err
}

// A ManifestMaker makes the manifest of rows, given in any order: of all of them, or
// where some are missing of those before the first that is. It is for one goroutine; Close
// ends its goroutines, and may be called twice.
type ManifestMaker struct {
	assembler
	gather *gatherer
	fs     FS
}

// NewManifestMaker makes a ManifestMaker. A nil fsys means OS; a nil interrupted never
// interrupts.
func NewManifestMaker(fsys FS, interrupted func() error) *ManifestMaker {
	if fsys == nil {
		fsys = OS
	}
	m := &ManifestMaker{fs: fsys}
	m.sink, m.interrupted = m, orNever(interrupted)
	return m
}

// Add takes one row. The first error is final.
func (m *ManifestMaker) Add(r *Row) error { return m.add(r) }

// Manifest is that of the rows that came. If all did, they are held against the end
// record. Call it once, after the last row.
func (m *ManifestMaker) Manifest() ([]byte, error) {
	if m.err != nil {
		return nil, m.err
	}
	if m.meta == nil {
		return nil, incomplete("incomplete: no metadata row, which has seq 0")
	}
	defer m.forget()
	if err := m.gather.wait(); err != nil {
		return nil, err
	}
	if m.end != nil && m.end.Base != nil && m.gaps() {
		return nil, fault.Damaged("the rows are an increment on %s, which alone have no manifest; take that of the directory that they are restored in", m.end.Base)
	}
	if m.end == nil || m.gaps() {
		return m.gather.digests.manifest(nil, nil)
	}
	if err := m.end.compare(m.gather.digests.files, "the rows give"); err != nil {
		return nil, err
	}
	return m.gather.digests.manifest(&m.meta.SnapshotID, m.end)
}

// Close ends the goroutines.
func (m *ManifestMaker) Close() {
	m.close()
	if m.gather != nil {
		m.gather.close()
		m.gather = nil
	}
}

func (m *ManifestMaker) begin(meta *Metadata) error {
	m.gather = newGatherer(m.layout, func(int, int64, []byte) error { return nil })
	return m.gather.digests.keepDigests(&meta.SnapshotID, roomForDigests)
}

func (m *ManifestMaker) write(seq int64, p *place, data []byte) error {
	return m.gather.add(seq, p, data)
}

func (m *ManifestMaker) tempFile() (*TempFile, error) { return newTempFile(m.fs, TempDir()) }
