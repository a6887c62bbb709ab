package fleet

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Contents stands for the content of files and folders. Each is read once, however many stacks share it: the program, a
// chart, a base. It may be used by many at a time.
type Contents struct {
	mu    sync.Mutex
	known map[string]func() (string, error)
}

// Of returns the fingerprint of a file or of all that a folder holds. What does not exist counts as such: a rehearsal needs
// no certificate.
func (c *Contents) Of(path string) (string, error) {
	c.mu.Lock()
	if c.known == nil {
		c.known = map[string]func() (string, error){}
	}
	read, ok := c.known[path]
	if !ok {
		read = sync.OnceValues(func() (string, error) { return content(path) })
		c.known[path] = read
	}
	c.mu.Unlock()
	return read()
}

func content(root string) (string, error) {
	if _, err := os.Stat(root); err != nil {
		return "missing", nil //nolint:nilerr // what is missing has a fingerprint too
	}
	h := sha256.New()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "file %s\n", filepath.ToSlash(relative))
		return add(h, path)
	})
	if err != nil {
		return "", fmt.Errorf("fleet: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func add(w io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

// Fingerprint stands for files and folders, and for the texts beside them.
func (c *Contents) Fingerprint(paths, texts []string) (string, error) {
	h := sha256.New()
	for _, text := range texts {
		fmt.Fprintf(h, "text %d %s\n", len(text), text)
	}
	for _, path := range paths {
		of, err := c.Of(path)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "path %s\n", of)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
