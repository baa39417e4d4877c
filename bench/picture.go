package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"unicode/utf8"
)

// A group of bars has a heading above it.
type group struct {
	heading string
	bars    []bar
}

type bar struct {
	name  string
	value float64
	ours  bool
}

// Lengths of a picture, in pixels. Names, figures and bars have a column each, so
// that no text can run into something else, whatever font it is drawn in.
const (
	pictureWidth = 760
	margin       = 16
	lineHeight   = 20
	barHeight    = 12
	baseline     = 14 // of a text, below the top of its line
	fontSize     = 12
	// glyph is what a letter may be wide, with a third to spare in DejaVu Sans and
	// Verdana, which are wide fonts.
	glyph = 0.8 * fontSize
)

// The colors are those of a light page; the picture brings its own background, and
// is dark where the reader asks for that and the viewer understands it.
const pictureHead = `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" role="img" aria-label="%[3]s">
<style>@media (prefers-color-scheme: dark) { .page { fill: #0d1117 } .text { fill: #e6edf3 } .ours { fill: #4c9be8 } .peer { fill: #6e7681 } }</style>
<rect class="page" width="%[1]d" height="%[2]d" rx="6" fill="#fff"/>
<g class="text" fill="#24292f" font-family="Helvetica, Arial, sans-serif" font-size="%[4]d">
`

// layout gives where the figures end, and where the bars begin.
func layout(groups []group) (figures, bars float64) {
	name, figure := 0, 0
	for _, g := range groups {
		for _, b := range g.bars {
			name = max(name, utf8.RuneCountInString(b.name))
			figure = max(figure, len(b.text()))
		}
	}
	figures = margin + float64(name+figure)*glyph
	return figures, figures + glyph
}

func (b bar) text() string { return fmt.Sprintf("%.0f", b.value) }

// picture draws groups from the top down, as SVG.
func picture(title string, groups []group) []byte {
	figures, left := layout(groups)
	largest := math.SmallestNonzeroFloat64
	for _, g := range groups {
		for _, b := range g.bars {
			largest = max(largest, b.value)
		}
	}
	var texts, bars bytes.Buffer
	y := margin
	write := func(x float64, style, text string) {
		fmt.Fprintf(&texts, `<text x="%.0f" y="%d"%s>`, x, y+baseline, style)
		_ = xml.EscapeText(&texts, []byte(text)) // a buffer takes everything
		texts.WriteString("</text>\n")
	}
	const bold, right = ` font-weight="bold"`, ` text-anchor="end"`
	write(margin, bold, title)
	y += lineHeight
	for _, g := range groups {
		y += lineHeight / 2
		write(margin, bold, g.heading)
		y += lineHeight
		for _, b := range g.bars {
			write(margin, "", b.name)
			write(figures, right, b.text())
			class, color := "peer", "#8c959f"
			if b.ours {
				class, color = "ours", "#1f77b4"
			}
			fmt.Fprintf(&bars, `<rect class="%s" x="%.0f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", class, left,
				y+(lineHeight-barHeight)/2, b.value/largest*(pictureWidth-margin-left), barHeight, color)
			y += lineHeight
		}
	}
	var out, label bytes.Buffer
	_ = xml.EscapeText(&label, []byte(title))
	fmt.Fprintf(&out, pictureHead, pictureWidth, y+margin, label.String(), fontSize)
	out.Write(texts.Bytes())
	out.WriteString("</g>\n")
	out.Write(bars.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes()
}
