package live_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// What has the old file open, a moment that is held or a stream in its middle, is
// not disturbed by a flush, of this process or of another one; a flush that fails
// gives the file back, which shows as a change: an error, never other bytes.
func TestFlushUnderSnapshots(t *testing.T) {
	for _, how := range []string{"this process", "other process", "failed"} {
		t.Run(how, func(t *testing.T) {
			c := &flushCase{declared: []string{"v.idx"}}
			database, paths := c.build(t)
			age(t, paths[0])
			before, err := os.ReadFile(paths[0])
			if err != nil {
				t.Fatal(err)
			}
			// Vectors are inserted before the moment, which locks the database.
			var flush func() string
			if how == "other process" {
				p := startPartner(t, "second", database)
				if got := p.ask("insert"); got != "ok" {
					t.Fatal(got)
				}
				flush = func() string { return p.ask("flush") }
			} else {
				writer := openVectors(t, database)
				defer writer.Close()
				insert(t, writer, "v", 3, 5)
				flush = func() string {
					if _, err := ofDriver(t, writer).Flush(); err != nil {
						return err.Error()
					}
					return "ok"
				}
			}
			reader := openVectors(t, database)
			defer reader.Close()
			known := ofDriver(t, reader)
			hold, err := known.Hold("main", live.IndexDisk)
			if err != nil {
				t.Fatal(err)
			}
			defer hold.Release()
			stream, err := known.Export("main", live.ExportOptions{ChunkSize: 512})
			if err != nil {
				t.Fatal(err)
			}
			defer stream.Close()
			stop := live.AtStep(func(operation string) {
				if how == "failed" && operation == "sync" {
					if err := replaceByPipe(filepath.Dir(paths[0])); err != nil {
						t.Error(err)
					}
				}
			})
			said := flush()
			stop()
			if how == "failed" && !strings.Contains(said, live.ErrVectorsLost.Error()) || how != "failed" && said != "ok" {
				t.Fatal(said)
			}
			for _, open := range []func() (*live.Export, error){
				func() (*live.Export, error) { return stream, nil },
				func() (*live.Export, error) { return known.Export("main", live.ExportOptions{ChunkSize: 512}) },
			} {
				got, err := rowsOf(open)
				if how == "failed" && err != nil && strings.Contains(err.Error(), "changed while it was read") {
					t.Log(err)
					continue
				}
				if err != nil || string(got) != string(before) {
					t.Errorf("got %d bytes of %d, %v", len(got), len(before), err)
				}
			}
		})
	}
}

func rowsOf(open func() (*live.Export, error)) (index []byte, err error) {
	e, err := open()
	if err != nil {
		return nil, err
	}
	defer e.Close()
	err = e.Each(func(row *snapshot.Row) error {
		if row.FileName == "index_0.idx" {
			index = append(index, row.Data...)
		}
		return nil
	})
	return index, err
}
