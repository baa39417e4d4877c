package main

import (
	"fmt"
	"strings"
	"testing"
)

// ran is a run in which so many tests passed, and one ended in another way: with
// vxsnap if proof is among the events.
func ran(t *testing.T, passed int, events ...string) results {
	t.Helper()
	var text strings.Builder
	text.WriteString(`{"Action":"pass"}` + "\n")
	for i := range passed {
		fmt.Fprintf(&text, `{"Action":"run","Test":"Test%d"}{"Action":"pass","Test":"Test%[1]d"}`+"\n", i)
	}
	for _, event := range events {
		action, test, _ := strings.Cut(event, " ")
		fmt.Fprintf(&text, `{"Action":"output","Test":%q,"Output":"the text of %s\n"}{"Action":%q,"Test":%[1]q}`+"\n", test, test, action)
	}
	got, err := read(strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCompare(t *testing.T) {
	const vxsnap = "pass " + proof
	for _, c := range []struct {
		name          string
		without, with results
		want          string // in the error; empty if there is none
	}{
		{"the same", ran(t, least, "fail X", "skip Y"), ran(t, least, vxsnap, "fail X", "skip Y"), ""},
		{"fails", ran(t, least, "pass X/a"), ran(t, least, vxsnap, "fail X/a"), "X/a: without vxsnap pass, with it fail\nwithout:\nthe text of X/a\nwith:"},
		{"passes", ran(t, least, "fail X"), ran(t, least, vxsnap, "pass X"), "X: without vxsnap fail, with it pass"},
		{"skips", ran(t, least, "pass X"), ran(t, least, vxsnap, "skip X"), "X: without vxsnap pass, with it skip"},
		{"does not end", ran(t, least, "pass X"), ran(t, least, vxsnap, "run X"), "X: without vxsnap pass, with it begun and not ended"},
		{"does not run", ran(t, least, "pass X"), ran(t, least, vxsnap), "X: without vxsnap pass, with it absent"},
		{"one more", ran(t, least), ran(t, least, vxsnap, "pass X"), "X: without vxsnap absent, with it pass"},
		{"exit status", ran(t, least), ran(t, least, vxsnap, "fail "), "all together: without vxsnap pass, with it fail"},
		{"by the clock", ran(t, least, "pass "+byTheClock), ran(t, least, vxsnap, "skip "+byTheClock), ""},
		{"by the clock, fails", ran(t, least, "skip "+byTheClock), ran(t, least, vxsnap, "fail "+byTheClock), byTheClock + ": without vxsnap pass, with it fail"},
		{"few", ran(t, least-1), ran(t, least-1, vxsnap), fmt.Sprintf("%d tests ran, at least %d must", least-1, least)},
		{"not loaded", ran(t, least), ran(t, least), "vxsnap was not loaded: TestVxsnapIsLoaded: absent"},
		{"failed to load", ran(t, least), ran(t, least, "fail "+proof), "vxsnap was not loaded: TestVxsnapIsLoaded: fail"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := compare(c.without, c.with)
			if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// What a test begins and does not end shows, and so does what go test cannot build.
func TestRead(t *testing.T) {
	got, err := read(strings.NewReader(`{"Action":"build-output","Output":"no such package\n"}{"Action":"fail"}{"Action":"run","Test":"X"}`))
	if err != nil {
		t.Fatal(err)
	}
	if all := got.of(together); all.outcome != "fail" || all.output != "no such package\n" {
		t.Errorf("all together: %q", all)
	}
	if want := "1 tests, 1 begun and not ended"; got.String() != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := read(strings.NewReader("no JSON")); err == nil {
		t.Error("no JSON is no error")
	}
}
