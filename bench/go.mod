module github.com/vxsnap/vxsnap/bench

go 1.26.0

require (
	github.com/mattn/go-sqlite3 v1.14.53
	github.com/vxsnap/vxsnap v0.0.0
	golang.org/x/sys v0.49.0
)

require (
	github.com/klauspost/compress v1.20.4 // indirect
	github.com/mattn/go-pointer v0.0.1 // indirect
	go.riyazali.net/sqlite v0.0.0-20250204091031-8aa392720bb1 // indirect
)

replace github.com/vxsnap/vxsnap => ..

// The vanity host go.riyazali.net does not answer; this is the same module at
// its repository.
replace go.riyazali.net/sqlite => github.com/riyaz-ali/sqlite v0.0.0-20250204091031-8aa392720bb1
