package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// listArgs are the arguments of list.
type listArgs struct {
	newest, verify bool
	maxAge         time.Duration
	metrics        string
}

func (a *app) list() *cobra.Command {
	var given listArgs
	cmd := &cobra.Command{
		Use:   "list STORE|FOLDER",
		Short: "List the snapshots of a store, or the saved files of a folder",
		Long: `Lists the snapshots of a store, or those that the files *.tar and *.tar.zst of a folder
hold, from the oldest to the newest.

For monitoring, --max-age ends with exit code 4 if the newest snapshot is older, or there is
none. That alone reads no more than when each was taken; --verify also checks every byte
of the newest, with exit code 3 if one differs. A file that cannot be read is an error, and then
no metrics are written.`,
		Example: `  vxsnap list nights.db
  vxsnap list /backups --newest --max-age 26h --verify --metrics /var/lib/node_exporter/app.prom`,
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("max-age") && given.maxAge <= 0 {
				return wrongUse("--max-age is %v, must be longer than 0", given.maxAge)
			}
			if err := metricsName(cmd, given.metrics); err != nil {
				return err
			}
			return exactly(1, "STORE or FOLDER")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.listOf(cmd.Context(), args[0], &given) },
	}
	f := cmd.Flags()
	f.BoolVar(&given.newest, "newest", false, "list the newest alone")
	f.DurationVar(&given.maxAge, "max-age", 0, "exit with 4 if the newest is older, such as 26h")
	f.BoolVar(&given.verify, "verify", false, "also check every byte of the newest")
	f.StringVar(&given.metrics, "metrics", "", "write a `FILE` for Prometheus (NAME.prom of a textfile collector)")
	return cmd
}

func (a *app) listOf(ctx context.Context, path string, given *listArgs) error {
	start := time.Now()
	all, unreadable, err := listed(ctx, path)
	if err != nil {
		return err
	}
	count := len(all)
	if given.newest {
		all = all[max(0, len(all)-1):]
	}
	var verdict error
	if given.verify && len(all) > 0 {
		newest := &all[len(all)-1]
		verdict = a.verifyNewest(ctx, newest)
		good := verdict == nil
		newest.Verified = &good
		if verdict != nil && a.codeOf(verdict) != exitDamaged {
			return verdict
		}
	}
	if given.metrics != "" && len(unreadable) == 0 {
		if err := listMetrics(given.metrics, path, count, all, time.Since(start)); err != nil {
			return err
		}
	}
	err = a.print(&listing{path, all}, text(all))
	return errors.Join(err, errors.Join(unreadable...), verdict, given.tooOld(path, all))
}

// clocksDiffer is how far the clocks of two machines may be apart.
const clocksDiffer = 5 * time.Minute

// tooOld says that the newest snapshot is older than --max-age.
func (given *listArgs) tooOld(path string, all []snapshotOf) error {
	switch {
	case given.maxAge == 0:
		return nil
	case len(all) == 0:
		return fmt.Errorf("%w: %s has no snapshot", errTooOld, fault.Quote(path))
	}
	newest := all[len(all)-1]
	if newest.age > given.maxAge {
		return fmt.Errorf("%w: the newest snapshot, %s, is %s old, more than %v", errTooOld, fault.Quote(newest.Source), ageText(newest.age), given.maxAge)
	}
	if newest.age < -clocksDiffer { // until its time comes it would hide that no other is taken
		return fmt.Errorf("too old or not, nobody can tell: by its clock the newest snapshot, %s, is taken in %s from now; set the clocks, and move it away", fault.Quote(newest.Source), ageText(-newest.age))
	}
	return nil
}

func (a *app) verifyNewest(ctx context.Context, newest *snapshotOf) error {
	from, err := openSource(ctx, newest.Source)
	if err != nil {
		return err
	}
	defer from.close()
	bar := a.bar("verify")
	defer bar.end()
	_, err = from.verify(ctx, bar)
	return err
}
