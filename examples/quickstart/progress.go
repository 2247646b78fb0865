package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// How often the progress is shown: redrawn on a terminal, as a new line elsewhere.
const (
	redraw  = 100 * time.Millisecond
	newLine = 10 * time.Second
)

// progress shows how far a run is, until stopped.
type progress struct {
	out      io.Writer
	terminal bool
	size     int64 // of the input, or 0
	tally    *tally
	started  time.Time
	quit     chan struct{}
	ended    chan struct{}
}

// startProgress begins to show the progress of t through an input of a size.
func startProgress(out io.Writer, size int64, t *tally) *progress {
	p := &progress{
		out: out, terminal: isTerminal(out), size: size, tally: t, started: time.Now(),
		quit: make(chan struct{}), ended: make(chan struct{}),
	}
	go p.show()
	return p
}

// stop takes the bar away and waits until that is done.
func (p *progress) stop() {
	close(p.quit)
	<-p.ended
}

func (p *progress) show() {
	defer close(p.ended)
	every := newLine
	if p.terminal {
		every = redraw
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-p.quit:
			if p.terminal {
				fmt.Fprint(p.out, "\r\x1b[K")
			}
			return
		case <-tick.C:
			rows, end := p.tally.progress()
			line := progressLine(rows, end, p.size, time.Since(p.started))
			if p.terminal {
				fmt.Fprintf(p.out, "\r%s\x1b[K", line)
			} else {
				fmt.Fprintln(p.out, line)
			}
		}
	}
}

// progressLine is at most 79 columns wide.
func progressLine(rows, end, size int64, took time.Duration) string {
	rate := rows * int64(time.Second) / max(int64(took), 1)
	if size == 0 || end > size {
		return fmt.Sprintf("%s rows, %s a second", grouped(rows), grouped(rate))
	}
	line := fmt.Sprintf("[%s] %3d %%  %s rows, %s a second", bar(end, size, 20), end*100/size, grouped(rows), grouped(rate))
	if end > 0 {
		left := time.Duration(float64(took) / float64(end) * float64(size-end))
		line += fmt.Sprintf(", %s left", left.Round(time.Second))
	}
	return line
}

// isTerminal reports whether w is a terminal that knows how to clear a line.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
