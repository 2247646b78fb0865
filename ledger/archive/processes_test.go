package archive_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/archive"
)

// TestProcesses: processes that put the same and different segments at once end with one chain, and each was told what is there.
func TestProcesses(t *testing.T) {
	if dir := os.Getenv("ARCHIVE_PROCESS"); dir != "" {
		f, err := archive.Open(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			all := records("savings-7", event.Version(5*i+1), 5)
			s, err := f.Put(t.Context(), segmentOf("savings-7", all), each(all))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Println("SUM", s.First, s.Sum)
			own := records("own", event.Version(5*i+1), 5) // of which one process wins each
			own[0].Data = fmt.Appendf(nil, "%d", os.Getpid())
			s, err = f.Put(t.Context(), segmentOf("own", own), each(own))
			if err != nil && !errors.Is(err, ledger.ErrInvalid) {
				t.Fatal(err)
			}
			if err == nil {
				fmt.Println("WON", s.First)
			}
		}
		return
	}
	dir := filepath.Join(t.TempDir(), "archive")
	const processes = 4
	outputs := make([]string, processes)
	var running sync.WaitGroup
	for i := range processes {
		running.Go(func() {
			child := exec.Command(os.Args[0], "-test.run=^TestProcesses$")
			child.Env = append(os.Environ(), "ARCHIVE_PROCESS="+dir)
			out, err := child.CombinedOutput()
			if err != nil {
				t.Errorf("process %d: %v\n%s", i+1, err, out)
			}
			outputs[i] = string(out)
		})
	}
	running.Wait()
	f, err := archive.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, account := range []string{"savings-7", "own"} {
		all, err := list(f, account)
		if err != nil || len(all) != 20 {
			t.Fatalf("%s: got %d segments, %v", account, len(all), err)
		}
		for _, s := range all {
			if _, err := read(f, s); err != nil {
				t.Error(err)
			}
			if won := strings.Count(strings.Join(outputs, ""), fmt.Sprintf("WON %d\n", s.First)); won != 1 {
				t.Errorf("version %d: %d processes were told that theirs is kept", s.First, won)
			}
			for i, out := range outputs {
				if line := fmt.Sprintln("SUM", s.First, s.Sum); account == "savings-7" && !strings.Contains(out, line) {
					t.Errorf("process %d was not told %s", i+1, line)
				}
			}
		}
	}
}
