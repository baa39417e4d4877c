package sql_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
)

type linked struct{ *sqlite3.SQLiteConn }

func openLinked(file string, extensions []string) (connection, error) {
	autoErr := extension.Auto()
	conn, err := (&sqlite3.SQLiteDriver{Extensions: extensions}).Open(file + "?_busy_timeout=0")
	if err := errors.Join(autoErr, err); err != nil {
		return nil, err
	}
	return linked{conn.(*sqlite3.SQLiteConn)}, nil
}

func (l linked) exec(sql string) (result [][]driver.Value, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	rows, err := l.QueryContext(ctx, sql, nil)
	if err == nil {
		defer rows.Close()
	}
	for err == nil {
		row := make([]driver.Value, len(rows.Columns()))
		if err = rows.Next(row); err == nil {
			result = append(result, row)
		}
	}
	if errors.Is(err, io.EOF) {
		return result, nil
	} else if e, ok := errors.AsType[sqlite3.Error](err); ok {
		message, _, _ := strings.Cut(strings.TrimSuffix(e.Error(), ": "+e.SystemErrno.Error()), "\n")
		return nil, fmt.Errorf("%s (%d)", message, int(e.Code))
	}
	return nil, err
}
