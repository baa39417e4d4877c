module github.com/vxsnap/vxsnap

go 1.26.0

require (
	github.com/google/go-cmp v0.7.0
	github.com/mattn/go-sqlite3 v1.14.53
	go.riyazali.net/sqlite v0.0.0-20250204091031-8aa392720bb1
	go.uber.org/goleak v1.3.0
	golang.org/x/sys v0.49.0
	pgregory.net/rapid v1.3.0
)

require github.com/mattn/go-pointer v0.0.1 // indirect

// The vanity host go.riyazali.net does not answer; this is the same module at
// its repository.
replace go.riyazali.net/sqlite => github.com/riyaz-ali/sqlite v0.0.0-20250204091031-8aa392720bb1
