package main

import (
	"bytes"
	"fmt"
	"image/color"
	"os"
	"runtime"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	xfont "golang.org/x/image/font"
)

var (
	ourColor  = color.RGBA{R: 0x1f, G: 0x77, B: 0xb4, A: 0xff}
	peerColor = color.RGBA{R: 0xb4, G: 0xb4, B: 0xb4, A: 0xff}
	textColor = color.RGBA{R: 0x33, G: 0x33, B: 0x33, A: 0xff}
)

// sans has a substitute of the same widths on every system: substituteFonts.
var sans = font.Font{Typeface: "Liberation", Variant: "Sans"}

// A chart collects bars from the top down; the line at y has ours or peers, or a heading.
type chart struct {
	names                   []string
	ours, peers             plotter.Values
	speeds, heads           plotter.XYs
	speedLabels, headLabels []string
}

func (c *chart) line(name string, ours, peers float64) (y float64) {
	y = -float64(len(c.names))
	c.names = append(c.names, name)
	c.ours, c.peers = append(c.ours, ours), append(c.peers, peers)
	return y
}

// draw makes the picture for the README: the throughput of each method at 2 GB.
func (b *bench) draw(path string) error {
	plot.DefaultFont = sans
	res := b.goalResult()
	p := plot.New()
	p.Title.Text = fmt.Sprintf("Throughput on a database of %s in the page cache, %d cores", sizeText(res.size), runtime.NumCPU())
	p.Title.Padding = vg.Points(10)
	p.X.Label.Text = "MB/s, longer is better"
	p.X.Label.Padding = vg.Points(4)
	p.BackgroundColor = color.White

	var c chart
	verb, fastest := -1, 0.0
	for _, r := range res.rows {
		if r.verb != verb {
			verb = r.verb
			c.heads = append(c.heads, plotter.XY{Y: c.line("", 0, 0)})
			c.headLabels = append(c.headLabels, verbs[verb])
		}
		speed := res.throughput(r)
		ours, peers := speed, 0.0
		if !r.ours() {
			ours, peers = 0, speed
		}
		c.speeds = append(c.speeds, plotter.XY{X: speed, Y: c.line(r.method, ours, peers)})
		c.speedLabels = append(c.speedLabels, fmt.Sprintf("%.0f", speed))
		fastest = max(fastest, speed)
	}
	if err := c.add(p); err != nil {
		return err
	}
	p.X.Min, p.X.Max = 0, fastest*1.12
	height := vg.Length(len(c.names))*0.62*vg.Centimeter + 3*vg.Centimeter
	if err := p.Save(20*vg.Centimeter, height, path); err != nil {
		return err
	}
	return substituteFonts(path)
}

// add puts bars, headings, figures, names and the legend into a plot.
func (c *chart) add(p *plot.Plot) error {
	for _, group := range []struct {
		values plotter.Values
		fill   color.Color
		name   string
	}{{c.ours, ourColor, "vxsnap"}, {c.peers, peerColor, "others"}} {
		bars := &plotter.BarChart{Values: group.values, Width: vg.Points(12), Color: group.fill, Horizontal: true}
		slices.Reverse(bars.Values) // a bar chart goes upwards from XMin
		bars.XMin = -float64(len(c.names) - 1)
		p.Add(bars)
		p.Legend.Add(group.name, bars)
	}
	p.Legend.YOffs = vg.Points(6)
	if err := addLabels(p, c.speeds, c.speedLabels, xfont.WeightNormal); err != nil {
		return err
	}
	if err := addLabels(p, c.heads, c.headLabels, xfont.WeightBold); err != nil {
		return err
	}
	var ticks plot.ConstantTicks
	for i, name := range c.names {
		ticks = append(ticks, plot.Tick{Value: -float64(i), Label: name})
	}
	p.Y.Tick.Marker = ticks
	p.Y.Label.Text = " " // a margin
	p.Y.Tick.Length, p.Y.Width = 0, 0
	p.Y.Padding = vg.Points(6)
	return nil
}

func addLabels(p *plot.Plot, points plotter.XYs, texts []string, weight xfont.Weight) error {
	labels, err := plotter.NewLabels(plotter.XYLabels{XYs: points, Labels: texts})
	if err != nil {
		return err
	}
	labels.Offset.X = vg.Points(4)
	for i := range labels.TextStyle {
		style := &labels.TextStyle[i]
		style.Font = font.From(sans, vg.Points(10))
		style.Font.Weight = weight
		style.YAlign, style.Color = draw.YCenter, textColor
	}
	p.Add(labels)
	return nil
}

// substituteFonts names fonts of the same widths, for who has no Liberation Sans.
func substituteFonts(path string) error {
	svg, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	svg = bytes.ReplaceAll(svg, []byte("font-family:Liberation Sans"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif"))
	return os.WriteFile(path, svg, 0o644)
}
