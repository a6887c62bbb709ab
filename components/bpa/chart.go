package bpa

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
)

//go:embed all:assets/bpa-helm-chart
var referenceChart embed.FS

// folder is where overlaid charts lie below the working directory.
const folder = ".bpa/charts"

// Chart is what to install: an overlaid chart by Path, relative to the engine's working directory, or a chart by OCI
// reference with its Version.
type Chart struct{ Path, OCI, Version string }

// Layout says where a chart keeps the two files that the paper edits by hand.
type Layout struct {
	// EnvironmentFile is environment.txt (R11), IngressTemplate the ingress controller (R23), relative to the chart.
	EnvironmentFile, IngressTemplate string
}

// Overlay copies a chart (a directory, or "" for the reference chart) into workDir, changed so that environment.txt and
// the ingress controller take their values from Helm: the passwords are Helm values then, and are never on disk. The
// source is not touched. The copy's name is the hash of its content, so that a changed chart file is a changed path, and
// the same chart has the same path on every laptop. A private key that lies in the chart, as the paper has it, stays out
// of the copy, and so out of the release, unless a template of the chart uses it.
func Overlay(source, workDir string, layout Layout, environmentKeys []string) (Chart, error) {
	tree, err := open(source)
	if err != nil {
		return Chart{}, err
	}
	files, err := read(tree)
	if err != nil {
		return Chart{}, fmt.Errorf("application.chart: %q: %w", source, err)
	}
	if _, ok := files["Chart.yaml"]; !ok {
		return Chart{}, fmt.Errorf("application.chart: %q: must be a Helm chart; it has no Chart.yaml", source)
	}
	if err := overlayEnvironment(files, layout.EnvironmentFile, environmentKeys); err != nil {
		return Chart{}, err
	}
	if err := overlayIngress(files, layout.IngressTemplate); err != nil {
		return Chart{}, err
	}
	leaveKeysOut(files)
	name := contentHash(files)
	if err := write(files, filepath.Join(workDir, folder), name); err != nil {
		return Chart{}, fmt.Errorf("application.chart: %w", err)
	}
	return Chart{Path: "./" + path.Join(folder, name)}, nil
}

func open(source string) (fs.FS, error) {
	if source == "" {
		return fs.Sub(referenceChart, "assets/bpa-helm-chart")
	}
	info, err := os.Stat(source)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil, fmt.Errorf("application.chart: %q: must be a chart directory, or oci://…", source)
	}
	if err != nil {
		return nil, fmt.Errorf("application.chart: %w", err)
	}
	return os.DirFS(source), nil
}

// read returns a chart's files by path. Charts are small: Helm itself refuses a release of more than 1 MiB.
func read(tree fs.FS) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if !entry.Type().IsRegular() {
			return fmt.Errorf("%s: must be a file; links cannot be copied", name)
		}
		files[name], err = fs.ReadFile(tree, name)
		return err
	})
	return files, err
}

// leaveKeysOut removes private keys whose name no template mentions.
func leaveKeysOut(files map[string][]byte) {
	var templates bytes.Buffer
	for _, name := range names(files) {
		if strings.HasPrefix(name, "templates/") {
			templates.Write(files[name])
		}
	}
	for _, name := range names(files) {
		used := bytes.Contains(templates.Bytes(), []byte(path.Base(name))) ||
			bytes.Contains(templates.Bytes(), []byte(path.Dir(name)+"/*"))
		if bytes.Contains(files[name], []byte("PRIVATE KEY-----")) && !used {
			delete(files, name)
		}
	}
}

func names(files map[string][]byte) []string {
	list := make([]string, 0, len(files))
	for name := range files {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}

// contentHash is the first 12 digits of the SHA-256 over names and content.
func contentHash(files map[string][]byte) string {
	hash := sha256.New()
	for _, name := range names(files) {
		fmt.Fprintf(hash, "%d %s %d\n", len(name), name, len(files[name]))
		hash.Write(files[name])
	}
	return hex.EncodeToString(hash.Sum(nil))[:12]
}

// write puts the files into dir/name, all or none of them: they are renamed into place when they are complete.
func write(files map[string][]byte, dir, name string) error {
	final := filepath.Join(dir, name)
	if _, err := os.Stat(final); err == nil {
		if same, err := sameFiles(files, final); err != nil || same {
			return err
		}
		// Somebody edited the copy: it is ours to make again.
		if err := os.RemoveAll(final); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	partial, err := os.MkdirTemp(dir, "partial-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(partial)
	for _, file := range names(files) {
		target := filepath.Join(partial, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(target, files[file], 0o600); err != nil {
			return err
		}
	}
	return os.Rename(partial, final)
}

func sameFiles(files map[string][]byte, dir string) (bool, error) {
	there, err := read(os.DirFS(dir))
	if err != nil || len(there) != len(files) {
		return false, err
	}
	for name, content := range files {
		if !bytes.Equal(there[name], content) {
			return false, nil
		}
	}
	return true, nil
}
