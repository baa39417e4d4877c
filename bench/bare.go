package main

// bare is the shell that opens a database and does nothing.
func bare(database string) method {
	return method{name: "sqlite3", args: []string{"sqlite3", database, "SELECT count(*) FROM sqlite_schema"}, want: "1"}
}

// measureBare gives the most that the sqlite3 shell alone takes.
func (b *bench) measureBare(database string) (most usage, err error) {
	for range b.runs {
		used, err := b.execute(bare(database))
		if err != nil {
			return most, err
		}
		most.memory = max(most.memory, used.memory)
		most.written = max(most.written, used.written)
	}
	return most, nil
}
