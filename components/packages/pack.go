package packages

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

//go:embed all:assets/reference-package
var reference embed.FS

// folder is where archives lie below the working directory.
const folder = ".bpa/packages"

// Archive is a packed package.
type Archive struct {
	// Path of the .tar.gz, relative to the engine's working directory.
	Path string
	// SHA256 of its content, in hexadecimal.
	SHA256 string
}

// Pack makes the archive of a package: source is a directory, a .tar.gz that is taken as it is, or "" for the reference
// package. The archive of a directory depends on names, content and the executable bit alone, so that every laptop makes
// the same one. It is written once, under its hash, below workDir.
func Pack(source, workDir string) (*Archive, error) {
	if source == "" {
		tree, err := fs.Sub(reference, "assets/reference-package")
		if err != nil {
			return nil, fmt.Errorf("packages: %w", err)
		}
		return write(workDir, func(w io.Writer) error { return pack(w, tree) })
	}
	info, err := os.Stat(source)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("packages.source: %q: no such file or directory", source)
	case err != nil:
		return nil, fmt.Errorf("packages.source: %w", err)
	case info.IsDir():
		return write(workDir, func(w io.Writer) error { return pack(w, os.DirFS(source)) })
	case !strings.HasSuffix(source, ".tar.gz"):
		return nil, fmt.Errorf("packages.source: %q: must be a directory or a .tar.gz", source)
	}
	return write(workDir, func(w io.Writer) error {
		file, err := os.Open(source)
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = io.Copy(w, file)
		return err
	})
}

// write streams an archive into a partial file and renames it to its hash.
func write(workDir string, content func(io.Writer) error) (*Archive, error) {
	dir := filepath.Join(workDir, folder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("packages: %w", err)
	}
	partial, err := os.CreateTemp(dir, "partial-*")
	if err != nil {
		return nil, fmt.Errorf("packages: %w", err)
	}
	defer os.Remove(partial.Name())
	hash := sha256.New()
	err = content(io.MultiWriter(partial, hash))
	if err = errors.Join(err, partial.Close()); err != nil {
		return nil, fmt.Errorf("packages: %w", err)
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	if err := os.Rename(partial.Name(), filepath.Join(dir, sum+".tar.gz")); err != nil {
		return nil, fmt.Errorf("packages: %w", err)
	}
	return &Archive{Path: "./" + path.Join(folder, sum+".tar.gz"), SHA256: sum}, nil
}

// pack writes a tree as .tar.gz. fs.WalkDir visits in lexical order.
func pack(w io.Writer, tree fs.FS) error {
	zip := gzip.NewWriter(w)
	archive := tar.NewWriter(zip)
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		return packEntry(archive, tree, name, entry)
	})
	return errors.Join(err, archive.Close(), zip.Close())
}

func packEntry(archive *tar.Writer, tree fs.FS, name string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if err != nil {
		return err
	}
	header := &tar.Header{Name: name, Mode: 0o644, ModTime: time.Unix(0, 0).UTC(), Format: tar.FormatPAX}
	switch {
	case entry.IsDir():
		header.Typeflag, header.Name, header.Mode = tar.TypeDir, name+"/", 0o755
		return archive.WriteHeader(header)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: must be a file or a directory; links and devices cannot be packed", name)
	}
	if info.Mode()&0o111 != 0 {
		header.Mode = 0o755
	}
	header.Typeflag, header.Size = tar.TypeReg, info.Size()
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	file, err := tree.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(archive, file)
	return err
}
