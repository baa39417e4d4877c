package extension

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/live"
)

// Version is the version of vxsnap. It stands in this one place.
const Version = "v0.1.0"

// vx_snapshot_version()
func (cn *surface) version() *scalar {
	return &scalar{"vx_snapshot_version", 0, func(ctx *sqlite.Context, _ []sqlite.Value) error {
		c.ResultText(ctx, Version)
		return nil
	}}
}

// vx_snapshot_debug()
func (cn *surface) debug() *scalar {
	return &scalar{"vx_snapshot_debug", 0, func(ctx *sqlite.Context, _ []sqlite.Value) error {
		way := cn.Way()
		if way == "" {
			way = "no snapshot on this connection yet"
		}
		n := c.Version()
		c.ResultText(ctx, strings.Join([]string{
			"version: " + Version,
			"commit: " + commit(),
			"go: " + runtime.Version(),
			fmt.Sprintf("sqlite: %d.%d.%d, %s", n/1000000, n/1000%1000, n%1000, c.SourceID()),
			"platform: " + runtime.GOOS + "/" + runtime.GOARCH,
			"last snapshot: " + way,
			fmt.Sprintf("held now: %d moments, %d blocks, %d files", live.Held(), c.LiveBlocks(), c.OpenedApart()),
		}, "\n"))
		return nil
	}}
}

// Commit is the commit that this was built from; the build sets it.
var Commit string

func commit() string {
	if Commit != "" {
		return Commit
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown"
}
