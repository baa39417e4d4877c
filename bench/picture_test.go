package main

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
)

var exampleGroups = []group{
	{"export", []bar{{"vxsnap, chunks of 64 KiB", 2400, true}, {"Litestream, first snapshot", 135, false}}},
	{"export, cold cache", []bar{{"cat > /dev/null", 1290, false}}},
}

func TestPicture(t *testing.T) {
	type shape struct {
		X     float64 `xml:"x,attr"`
		Width float64 `xml:"width,attr"`
		Class string  `xml:"class,attr"`
		Text  string  `xml:",chardata"`
	}
	var got struct {
		Texts []shape `xml:"g>text"`
		Rects []shape `xml:"rect"`
	}
	if err := xml.Unmarshal(picture("A title & its unit", exampleGroups), &got); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, text := range got.Texts {
		texts = append(texts, text.Text)
	}
	want := "A title & its unit|export|vxsnap, chunks of 64 KiB|2400|Litestream, first snapshot|135|export, cold cache|cat > /dev/null|1290"
	if text := strings.Join(texts, "|"); text != want {
		t.Errorf("texts are %q, want %q", text, want)
	}
	figures, left := layout(exampleGroups)
	widths := ""
	for _, rect := range got.Rects[1:] {
		widths += fmt.Sprintf("%s %.2f, ", rect.Class, rect.Width/(pictureWidth-margin-left))
	}
	if want := "ours 1.00, peer 0.06, peer 0.54, "; widths != want {
		t.Errorf("bars are %q, want %q", widths, want)
	}
	if least := margin + float64(len("Litestream, first snapshot")+len("2400"))*glyph; figures < least || left <= figures {
		t.Errorf("figures end at %v and bars begin at %v, want %v or more", figures, left, least)
	}
}
