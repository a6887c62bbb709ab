package bpa

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/bpa-on-aws/platform/infra/config"
)

//go:embed all:assets/bpa-helm-chart
var referenceChart embed.FS

// folder is where overlaid charts lie below the working directory.
const folder = ".bpa/charts"

// Chart is what to install: an overlaid chart by Path, relative to the engine's working directory, or a chart by OCI
// reference with its Version.
type Chart struct {
	Path, OCI, Version string
	// LeftOut are the files of the chart that are not in its copy.
	LeftOut []LeftOut
}

// Overlay copies the chart of an application (a directory, relative to source, or the reference chart) into workDir, changed so that
// environment.txt and the ingress controller take their values from Helm: the passwords are Helm values then, and are never on
// disk. A default that a null of the application's values takes away is not in the copy, as the provider drops nulls. The source is
// not touched, and a line of a template stays in its place. The copy's name is the hash of its content, so that a changed chart
// file is a changed path, and the same chart has the same path on every laptop. What only makes the release larger or less secret
// stays out of the copy: see LeftOut.
func Overlay(source, workDir string, app config.Application) (Chart, error) {
	if app.Chart != "" && !filepath.IsAbs(app.Chart) {
		app.Chart = filepath.Join(source, app.Chart)
	}
	files, err := read(app.Chart)
	if err != nil {
		return Chart{}, fmt.Errorf("application.chart: %q: %w", app.Chart, err)
	}
	if _, ok := files["Chart.yaml"]; !ok {
		return Chart{}, fmt.Errorf("application.chart: %q: must be a Helm chart; it has no Chart.yaml", app.Chart)
	}
	left, err := leaveOut(files, app.Values)
	if err != nil {
		return Chart{}, fmt.Errorf("application.chart: %w", err)
	}
	if app.EnvironmentFile != config.None {
		if err := overlayEnvironment(files, app.EnvironmentFile, slices.Collect(maps.Keys(app.Environment))); err != nil {
			return Chart{}, err
		}
	}
	if app.IngressTemplate != config.None {
		if err := overlayIngress(files, app.IngressTemplate); err != nil {
			return Chart{}, err
		}
	}
	if err := removeDefaults(files, app.Values); err != nil {
		return Chart{}, err
	}
	name := contentHash(files)
	if err := write(files, filepath.Join(workDir, folder), name); err != nil {
		return Chart{}, fmt.Errorf("application.chart: %w", err)
	}
	return Chart{Path: "./" + path.Join(folder, name), LeftOut: left}, nil
}

// read returns a chart's files by path; "" is the reference chart.
func read(source string) (map[string][]byte, error) {
	files := map[string][]byte{}
	if source == "" {
		tree, err := fs.Sub(referenceChart, "assets/bpa-helm-chart")
		if err != nil {
			return nil, err
		}
		return files, fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				files[name], err = fs.ReadFile(tree, name)
			}
			return err
		})
	}
	info, err := os.Stat(source)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil, errors.New("must be a chart directory, or oci://…")
	}
	if err != nil {
		return nil, err
	}
	root, err := filepath.EvalSymlinks(source)
	if err != nil {
		return nil, err
	}
	return files, readFolder(files, root, root, "", nil)
}

// readFolder reads a folder of a chart. It follows links inside the chart, as Helm does: a copy has what they lead to.
func readFolder(files map[string][]byte, root, dir, name string, above []string) error {
	above = append(above, dir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		at, name := filepath.Join(dir, entry.Name()), path.Join(name, entry.Name())
		if entry.Type()&fs.ModeSymlink != 0 {
			if at, err = filepath.EvalSymlinks(at); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if inside, err := filepath.Rel(root, at); err != nil || inside == ".." || strings.HasPrefix(inside, "../") {
				return fmt.Errorf("%s: is a link out of the chart, to %s; copy the file into the chart", name, at)
			}
			if slices.Contains(above, at) {
				return fmt.Errorf("%s: is a link to a folder that holds it", name)
			}
		}
		info, err := os.Stat(at)
		switch {
		case err != nil:
			return err
		case info.IsDir():
			err = readFolder(files, root, at, name, above)
		case info.Mode().IsRegular():
			files[name], err = os.ReadFile(at) //nolint:gosec // G304: the path is checked to lie in the chart
		default:
			err = fmt.Errorf("%s: must be a file, a folder or a link", name)
		}
		if err != nil {
			return err
		}
	}
	return nil
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
	there, err := read(dir)
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
