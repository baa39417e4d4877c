package main

import (
	"fmt"
	"runtime"

	"github.com/mattn/go-sqlite3"
	"github.com/spf13/cobra"
)

// Version and Commit are what this was built from; the build sets them.
var (
	Version = "(devel)"
	Commit  = "unknown"
)

// versions is the JSON of version.
type versions struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Go       string `json:"go"`
	SQLite   string `json:"sqlite"`
	Platform string `json:"platform"`
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which version this is, and what it was built from",
		Args:  exactly(0, "nothing"),
		RunE: func(*cobra.Command, []string) error {
			sqlite, _, _ := sqlite3.Version()
			v := versions{Version, Commit, runtime.Version(), sqlite, runtime.GOOS + "/" + runtime.GOARCH}
			return a.print(&v, fmt.Sprintf("vxsnap %s (commit %s, %s, SQLite %s, %s)\n", v.Version, v.Commit, v.Go, v.SQLite, v.Platform))
		},
	}
}
