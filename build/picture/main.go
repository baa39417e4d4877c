// Picture draws a session of a terminal as SVG: it reads what the terminal shows, in which
// the lines that begin with "$ " are commands, and writes the picture.
//
//	go run ./build/picture TITLE <session >docs/terminal.svg
//
// The commands appear one after the other, each with what it prints, once, and then all
// stay; where nothing moves, all are there from the beginning. make picture runs it.
package main

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// Lengths, in pixels, and times, in seconds.
const (
	margin     = 18
	lineHeight = 20
	baseline   = 14 // of a text, below the top of its line
	fontSize   = 13
	glyph      = 7.9 // what a letter may be wide; DejaVu Sans Mono, a wide one, has 7.83
	pause      = 2.0 // between two commands
	typing     = 0.6 // between a command and what it prints
)

// The colors are those of a light page; the picture brings its own background, and is dark
// where the reader asks for that and the viewer understands it.
const head = `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" role="img" aria-label="%[3]s">
<style>
text { white-space: pre; animation: appear 0.2s both }
@keyframes appear { from { opacity: 0 } }
@media (prefers-reduced-motion: reduce) { text { animation: none } }
@media (prefers-color-scheme: dark) { .page { fill: #0d1117; stroke: #3d444d } .text { fill: #e6edf3 } .command { fill: #6cb6ff } }
</style>
<rect class="page" x="0.5" y="0.5" width="%[4]d" height="%[5]d" rx="6" fill="#fff" stroke="#d1d9e0"/>
<g class="text" xml:space="preserve" fill="#24292f" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="%[6]d">
`

func main() {
	session, err := io.ReadAll(os.Stdin)
	if err != nil || len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: picture TITLE <session >picture.svg", err)
		os.Exit(2)
	}
	if _, err := os.Stdout.Write(picture(os.Args[1], string(session))); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func picture(title, session string) []byte {
	var texts bytes.Buffer
	y, widest, at := margin, 0, 0.0
	for lines := bufio.NewScanner(strings.NewReader(session)); lines.Scan(); y += lineHeight {
		line, class := lines.Text(), ""
		if strings.HasPrefix(line, "$ ") {
			class = ` class="command" fill="#0550ae" font-weight="bold"`
			if y > margin {
				y += lineHeight / 2
				at += pause
			}
		}
		fmt.Fprintf(&texts, `<text x="%d" y="%d" style="animation-delay: %.1fs"%s>%s</text>`+"\n", margin, y+baseline, at, class, escaped(line))
		if class != "" {
			at += typing
		}
		widest = max(widest, utf8.RuneCountInString(line))
	}
	width, height := 2*margin+int(glyph*float64(widest)), y+margin
	out := fmt.Appendf(nil, head, width, height, escaped(title), width-1, height-1, fontSize)
	return append(append(out, texts.Bytes()...), "</g>\n</svg>\n"...)
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
	return b.String()
}
