package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/vxsnap/vxsnap/c"
)

// Check says what is wrong with a store, a sentence each, and nothing if all is well: that
// its file has the structure of a database, that each place of each snapshot has exactly
// one version, and, which takes the longest, what Verify says of each snapshot. Others may
// save and prune meanwhile. Its error is of what kept it from finding out.
func (s *Store) Check(ctx context.Context) (problems []string, err error) {
	err = s.read(ctx, func() error {
		err := s.db.Each("PRAGMA integrity_check", func(row *c.Stmt) error {
			if text := row.Text(0); text != "ok" {
				problems = append(problems, "the file: "+strings.ReplaceAll(text, "\n", " "))
			}
			return nil
		})
		if err != nil {
			return err
		}
		return s.db.Each("SELECT problem FROM problem", func(row *c.Stmt) error {
			problems = append(problems, row.Text(0))
			return nil
		})
	})
	if err != nil {
		return nil, s.failed("check store", err)
	}
	all, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		verdict, err := s.Verify(ctx, all[i].N)
		if errors.Is(err, ErrNoSnapshot) {
			continue // it was dropped meanwhile
		}
		if err != nil {
			return nil, err
		}
		if verdict != "ok" {
			problems = append(problems, fmt.Sprintf("snapshot %d: %s", all[i].N, verdict))
		}
	}
	return problems, nil
}
