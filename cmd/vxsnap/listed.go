package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
)

// listing is the JSON of list; sizes are in bytes, ages in seconds.
type listing struct {
	Source    string       `json:"source"`
	Snapshots []snapshotOf `json:"snapshots"`
}

// A snapshotOf is one snapshot of a store or of a folder.
type snapshotOf struct {
	Source     string `json:"source"` // what verify and restore take
	N          int64  `json:"n,omitempty"`
	SnapshotID string `json:"snapshot_id"`
	Created    utc    `json:"created"`
	Age        int64  `json:"age_seconds"`
	TotalSize  int64  `json:"total_size"`
	Size       int64  `json:"size,omitempty"` // of a saved file
	Verified   *bool  `json:"verified,omitempty"`

	age time.Duration
}

// listed lists a store or a folder, from the oldest to the newest. What could not be
// read of a folder is an error each.
func listed(ctx context.Context, path string) (all []snapshotOf, unreadable []error, err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return listFolder(ctx, path)
	}
	s, err := openExisting(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	defer s.Close()
	nights, err := s.List(ctx)
	all = []snapshotOf{}
	for _, n := range nights {
		one := snapshotOf{Source: fmt.Sprintf("%s@%d", path, n.N), N: n.N, SnapshotID: n.ID, TotalSize: n.TotalSize}
		one.at(n.CreatedAt)
		all = append(all, one)
	}
	return all, nil, err
}

func listFolder(ctx context.Context, folder string) (all []snapshotOf, unreadable []error, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, nil, err
	}
	all = []snapshotOf{}
	for _, entry := range entries {
		name := entry.Name()
		if _, err := snapshot.CompressionOf(name); err != nil || strings.HasPrefix(name, ".") {
			continue
		}
		one, err := savedAt(ctx, filepath.Join(folder, name))
		switch {
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case err != nil:
			unreadable = append(unreadable, err)
		default:
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b snapshotOf) int {
		return cmp.Or(time.Time(a.Created).Compare(time.Time(b.Created)), cmp.Compare(a.Source, b.Source))
	})
	return all, unreadable, nil
}

// savedAt reads the first row of a saved file, which has its metadata.
func savedAt(ctx context.Context, path string) (one snapshotOf, err error) {
	isDatabase, in, err := open(ctx, path)
	if err != nil {
		return one, err
	}
	if isDatabase {
		return one, &damaged{fault.Quote(path) + " is a database, and no saved file"}
	}
	defer in.Close()
	rows := snapshot.NewSavedReader(in, path, ctx.Err, nil)
	defer rows.Close()
	more, err := rows.Next()
	if err == nil && !more {
		err = errors.New(fault.Quote(path) + " is empty")
	}
	if err != nil {
		return one, err
	}
	meta := rows.Metadata()
	one = snapshotOf{Source: path, SnapshotID: meta.SnapshotID, TotalSize: meta.TotalSize}
	one.at(time.UnixMilli(meta.CreatedAt))
	if info, err := os.Stat(path); err == nil {
		one.Size = info.Size()
	}
	return one, nil
}

// at sets when a snapshot was taken.
func (one *snapshotOf) at(created time.Time) {
	one.Created, one.age = utc(created), time.Since(created)
	one.Age = int64(one.age / time.Second)
}

func text(all []snapshotOf) string {
	rows := [][]string{{"SNAPSHOT", "TAKEN", "AGE", "SIZE"}}
	for i := range all {
		rows = append(rows, []string{all[i].Source, all[i].Created.String(), ageText(all[i].age), bytesText(all[i].TotalSize)})
		if all[i].Verified != nil { // the newest, which is the last
			rows[0] = append(rows[0], "VERIFIED")
			rows[i+1] = append(rows[i+1], map[bool]string{true: "ok", false: "damaged"}[*all[i].Verified])
		}
	}
	return table(rows)
}
