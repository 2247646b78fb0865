package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/payrules/payrules/internal/campaign"
)

// command is the program as a process of its own.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// program runs the program as a process of its own, to its end.
func program(t *testing.T, args ...string) ended {
	t.Helper()
	cmd := command(t, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ended{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// Killed at any moment and started again, however often, the program comes to the figures of a run that was left
// alone, and no row is in the journal twice.
func TestKilled(t *testing.T) {
	killOften(t, campaign.Size(5, 50), "-callers", "32")
}

// The same on the real data, which takes longer.
func TestBerkaKilled(t *testing.T) {
	checkBerka(t, killOften(t, campaign.Size(2, 10), "-input", campaign.Data(t, berka), "-cap", "7d=20000"))
}

// killOften kills the program so many times, and returns the report that it comes to.
func killOften(t *testing.T, kills int, args ...string) reportJSON {
	t.Helper()
	args = append(args, "-json", "-data")
	started := time.Now()
	alone := program(t, append(args, t.TempDir())...)
	took := time.Since(started)
	if alone.code != exitDone {
		t.Fatal(alone.stderr)
	}
	want := parseReport(t, alone.stdout)

	partly := 0 // journals that were found part done
	for done := 0; done < kills; {
		// Up to five kills to a journal, so that most come before it is complete.
		dir := t.TempDir()
		for range min(5, kills-done) {
			if !kill(t, append(args, dir), rand.N(took)) {
				break // it was faster, and the journal is complete
			}
			done++
		}
		e := program(t, append(args, dir)...)
		if e.code != exitDone {
			t.Fatalf("after %d kills: %+v", done, e)
		}
		got := parseReport(t, e.stdout)
		if lasting(got) != lasting(want) {
			t.Fatalf("after %d kills:\n%s\nwant\n%s", done, lasting(got), lasting(want))
		}
		if got.Replayed > 0 && got.Replayed < got.Transactions {
			partly++
		}
	}
	t.Logf("%d kills within %v; %d journals were found part done", kills, took.Round(time.Millisecond), partly)
	if kills >= 50 && partly == 0 {
		t.Error("no kill came at a moment that matters")
	}
	return want
}

// kill starts the program and kills it after a while. It reports false if the program had ended before.
func kill(t *testing.T, args []string, after time.Duration) bool {
	t.Helper()
	cmd := command(t, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	_ = cmd.Process.Kill() // it may have ended
	_ = cmd.Wait()
	switch code := cmd.ProcessState.ExitCode(); code {
	case exitDone:
		return false
	case -1: // by the signal
		return true
	default:
		t.Fatalf("exit status %d\n%s", code, stderr.String())
		return false
	}
}

// A signal ends the program in order, also while it waits for a slow input: what it has read is decided, it says how
// far it came, and the next run goes on from there.
func TestSignal(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals")
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			dir := t.TempDir()
			cmd := command(t, "-json", "-input", "/dev/stdin", "-data", dir)
			var stdout bytes.Buffer
			cmd.Stdout = &stdout
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() }).Stop() // should it not listen
			fmt.Fprintf(stdin, "%s\n%s\n%s\n", first, deposit, take)                       // and no end
			var said bytes.Buffer
			for !strings.Contains(said.String(), dir) { // the journal is open
				if _, err := io.CopyN(&said, stderr, 1); err != nil {
					t.Fatalf("%v: %s", err, said.String())
				}
			}
			time.Sleep(50 * time.Millisecond) // now it waits for rows; if not yet, it ends as well
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(&said, stderr); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // the exit status says it
			if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || stdout.Len() > 0 {
				t.Errorf("exit status %d, and on standard output %q\n%s", code, stdout.String(), said.String())
			}
			checkInterrupted(t, said.String(), "-data", dir, "-input", write(t, first, deposit, take, over, ""))
		})
	}
}

// checkInterrupted checks what an interrupted program said against what the next run finds in the journal.
func checkInterrupted(t *testing.T, stderr string, next ...string) reportJSON {
	t.Helper()
	m := regexp.MustCompile(`interrupted.*\nThis is no report: ([0-9,]+) rows`).FindStringSubmatch(stderr)
	if m == nil {
		t.Fatalf("it did not say how far it came: %s", stderr)
	}
	r := decided(t, next...)
	if said, err := strconv.ParseInt(strings.ReplaceAll(m[1], ",", ""), 10, 64); err != nil || r.Replayed != said {
		t.Errorf("it said %s rows, and %d were in the journal", m[1], r.Replayed)
	}
	return r
}

// Whenever it is interrupted, what was decided is counted, and the figures come out in the end.
func TestInterrupted(t *testing.T) {
	want := decided(t, "-data", t.TempDir())
	for _, after := range campaign.Size([]time.Duration{0, 20}, []time.Duration{0, 1, 2, 5, 10, 20, 30, 50}) {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(context.Background())
		stderr := &trigger{text: "journal is in", fire: func() { time.AfterFunc(after*time.Millisecond, cancel) }}
		var stdout bytes.Buffer
		code := run(ctx, []string{"-json", "-data", dir, "-callers", "16"}, &stdout, stderr)
		cancel()
		if code != exitInterrupted || stdout.Len() > 0 {
			t.Errorf("after %d ms: exit status %d\n%s%s", after, code, stdout.String(), stderr.String())
			continue
		}
		if got := checkInterrupted(t, stderr.String(), "-data", dir); lasting(got) != lasting(want) {
			t.Errorf("after %d ms:\n%s\nwant\n%s", after, lasting(got), lasting(want))
		}
	}
}

// trigger is a writer that acts when it hears something.
type trigger struct {
	bytes.Buffer
	text string
	fire func()
}

func (w *trigger) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.text) {
		w.fire()
	}
	return w.Buffer.Write(p)
}
