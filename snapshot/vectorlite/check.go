package vectorlite

import (
	"fmt"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
)

// Check implements snapshot.Checker: an index of vectorlite is one file, which
// hnswlib wrote.
func Check(files []snapshot.Part) error {
	switch {
	case len(files) == 0:
		return fault.New(fault.ErrIndexFile, "an index without a file")
	case len(files) > 1:
		return fault.Damaged("metadata lists %s and %s for table %s, which has one index file",
			files[0].File.Name, files[1].File.Name, fault.Quote(files[0].File.Table))
	}
	f := files[0].File
	info, err := hnsw.Check(files[0], f.Size)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", f.Name, err)
	case f.Elements != nil && *f.Elements != info.Elements:
		return fault.Damaged("%s: metadata says %d elements, the index has %d", f.Name, *f.Elements, info.Elements)
	case f.MaxElements != nil && *f.MaxElements != info.MaxElements:
		return fault.Damaged("%s: metadata says max_elements %d, the index has %d", f.Name, *f.MaxElements, info.MaxElements)
	}
	return nil
}
