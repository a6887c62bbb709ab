package fleet

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Fingerprint stands for the content of files and folders and for the texts beside them. What does not exist counts as such:
// a rehearsal needs no certificate.
func Fingerprint(paths, texts []string) (string, error) {
	h := sha256.New()
	for _, text := range texts {
		fmt.Fprintf(h, "text %d %s\n", len(text), text)
	}
	for _, root := range paths {
		if _, err := os.Stat(root); err != nil {
			fmt.Fprintln(h, "missing")
			continue
		}
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
