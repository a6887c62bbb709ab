package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Journal keeps the results of a run as they come, so that the next run need not find them again.
type Journal struct {
	path  string
	known map[string]Result
}

// OpenJournal reads what earlier runs found. Without resume it starts anew. A line that an interrupted run left half
// written is passed over.
func OpenJournal(path string, resume bool) (*Journal, error) {
	j := &Journal{path: path, known: map[string]Result{}}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("fleet: %w", err)
	}
	if !resume {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("fleet: %w", err)
		}
		return j, nil
	}
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("fleet: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		var r Result
		if json.Unmarshal([]byte(line), &r) == nil {
			j.known[r.Stack+" "+r.Fingerprint] = r
		}
	}
	return j, nil
}

// Known returns an earlier result that still holds.
func (j *Journal) Known(stack, fingerprint string) (Result, bool) {
	r, ok := j.known[stack+" "+fingerprint]
	r.Resumed = ok
	return r, ok
}

// Add keeps a result. Callers take turns.
func (j *Journal) Add(r Result) error {
	if r.Resumed {
		return nil
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(j.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("fleet: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}
