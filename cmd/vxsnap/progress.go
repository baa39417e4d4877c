package main

import (
	"os"

	"github.com/mattn/go-isatty"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// A bar shows progress on the terminal that standard error is, with rate and time left.
// It shows nothing where that is none.
type bar struct {
	progress *mpb.Progress
	bar      *mpb.Bar
}

// bar makes the bar of what is done: save, verify or restore.
func (a *app) bar(what string) *bar {
	if a.quiet || !isatty.IsTerminal(os.Stderr.Fd()) {
		return new(bar)
	}
	progress := mpb.New(mpb.WithOutput(os.Stderr), mpb.WithAutoRefresh())
	return &bar{progress, progress.New(0, mpb.BarStyle().Rbound("]").Lbound("["),
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(what+" "), decor.CountersKiloByte("% .1f of % .1f")),
		mpb.AppendDecorators(decor.Percentage(), decor.AverageSpeed(decor.SizeB1000(0), " % .1f, "),
			decor.AverageETA(decor.ET_STYLE_GO), decor.Name(" left")),
	)}
}

// at says how many bytes are done; it is a Progress of packages vxsnap and store. All of
// them are not the end: what comes last may take its time.
func (b *bar) at(done, total int64) {
	if b.bar != nil {
		b.bar.SetTotal(total+1, false)
		b.bar.SetCurrent(done)
	}
}

// end takes the bar away, before anything else is printed. It may be called twice.
func (b *bar) end() {
	if b.bar != nil {
		b.bar.Abort(true)
		b.progress.Wait()
		b.bar = nil
	}
}
