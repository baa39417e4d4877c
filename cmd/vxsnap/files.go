package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/vxsnap/vxsnap/live"
)

// fileState is the JSON of a file; the fields are those of vx_snapshot_files.
type fileState struct {
	Name   string `json:"file_name,omitempty"`
	Type   string `json:"file_type"`
	Path   string `json:"path,omitempty"`
	Size   *int64 `json:"file_size,omitempty"` // bytes
	State  string `json:"state"`
	Detail string `json:"detail,omitempty"`
}

type fileStates struct {
	Database string      `json:"database"`
	Files    []fileState `json:"files"`
}

func (a *app) files() *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "files DB",
		Short: "List what a snapshot of a database would contain, and what is in its way",
		Long: `Lists the files that a snapshot taken now would contain. Where a STATE is not ok, a line
below says why, and what to do; save would be an error that says the same.`,
		Args: exactly(1, "DB"),
		RunE: func(cmd *cobra.Command, args []string) error {
			database, err := live.OpenDatabase(args[0])
			if err != nil {
				return err
			}
			defer database.Close()
			database.SetWait(timeout)
			var states []live.FileState
			err = database.During(cmd.Context(), func() error {
				states, err = database.Files("main")
				return err
			})
			if err != nil {
				return err
			}
			result := fileStates{Database: args[0]}
			for i := range states {
				s := &states[i]
				state := fileState{Name: s.Name, Type: s.Type, Path: s.Path, State: s.State, Detail: inWords(s.Detail)}
				if s.Size >= 0 {
					state.Size = &s.Size
				}
				result.Files = append(result.Files, state)
			}
			return a.print(&result, result.text())
		},
	}
	cmd.Flags().DurationVar(&timeout, "timeout", time.Minute, "how long to wait for a lock of DB, 5s at least")
	return cmd
}

func (all *fileStates) text() string {
	rows, details := [][]string{{"FILE", "TYPE", "SIZE", "STATE", "PATH"}}, ""
	for _, f := range all.Files {
		size := ""
		if f.Size != nil {
			size = bytesText(*f.Size)
		}
		rows = append(rows, []string{f.Name, f.Type, size, f.State, f.Path})
		if f.Detail != "" {
			details += f.State + ": " + f.Detail + "\n"
		}
	}
	return table(rows) + details
}
