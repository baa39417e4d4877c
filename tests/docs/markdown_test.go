package docs_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

var anchor = regexp.MustCompile(`<a id="([^"]+)">`)

// parsed gives the targets of a page's links and images, and the places that a link may
// lead to: its headings, as GitHub names them, and its anchors.
func parsed(t *testing.T, path string) (links, places []string) {
	t.Helper()
	source := []byte(read(t, path))
	headings := make(map[string]int)
	document := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	err := ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch node := node.(type) {
		case *ast.Link:
			links = append(links, string(node.Destination))
		case *ast.Image:
			links = append(links, string(node.Destination))
		case *ast.AutoLink:
			links = append(links, string(node.URL(source)))
		case *ast.RawHTML:
			for _, found := range anchor.FindAllSubmatch(node.Segments.Value(source), -1) {
				places = append(places, string(found[1]))
			}
		case *ast.Heading:
			place := placeOf(textOf(node, source))
			if headings[place]++; headings[place] > 1 {
				place = fmt.Sprintf("%s-%d", place, headings[place]-1)
			}
			places = append(places, place)
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return links, places
}

func textOf(node ast.Node, source []byte) string {
	var b strings.Builder
	for child := node.FirstChild(); child != nil; child = child.NextSibling() {
		if leaf, ok := child.(*ast.Text); ok {
			b.Write(leaf.Value(source))
		} else {
			b.WriteString(textOf(child, source))
		}
	}
	return b.String()
}

// placeOf is what GitHub makes of a heading.
func placeOf(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || unicode.Is(unicode.Pc, r):
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, heading)
}

// Of a page, with everything that a link is not.
func TestParsed(t *testing.T) {
	path := t.TempDir() + "/page.md"
	page := "# A `vx_x`, and B\n[one](a.md#b) ![two](c.svg) <https://d.example>\n`[no](e)`\n```\n[no](f)\n```\n" +
		"<a id=\"here\"></a>text\n\n## Twice\n## Twice\n"
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	links, places := parsed(t, path)
	if got, want := fmt.Sprint(links, places), "[a.md#b c.svg https://d.example] [a-vx_x-and-b here twice twice-1]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for link, want := range map[string]string{
		"#twice-1": "", "#twice-2": "leads to a place", "page.md": "", "other.md": "leads to what is not there", "http://d.example": "is no https",
		repository + "/blob/v1/README.md#limits": "", repository + "/blob/v1/no.md": "leads to what is not there",
		repository + "/blob/v1/README.md#no": "leads to a place", repository: "",
	} {
		if got := deadLink(t, path, link); !strings.HasPrefix(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: %q, want %q", link, got, want)
		}
	}
}
