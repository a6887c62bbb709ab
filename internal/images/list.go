package images

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/bpa-on-aws/platform/infra/problem"
)

const (
	layoutScheme  = "oci:"
	archiveScheme = "docker-archive:"
	allowedLine   = "must be REGISTRY/PATH:TAG, oci:DIR, oci:DIR:TAG or docker-archive:FILE.tar"
)

// Image is one image to mirror.
type Image struct {
	// Place is the list's name and the line, such as release.txt:3.
	Place string
	// Target is the image's name in the stack's registry.
	Target name.Tag

	source source
}

// Source returns where the image comes from, as a list has it.
func (i Image) Source() string { return i.source.String() }

// ReadList reads a list of images, one reference a line: of a registry, of an OCI layout directory (oci:DIR for all that
// it names, oci:DIR:TAG for one), or of a docker archive (all tagged images in it). Paths are relative to the list. Empty
// lines and what follows # are skipped. The error names the line of every problem, two sources of one target included,
// and says what is allowed. No registry is asked.
func ReadList(file string, target Target) ([]Image, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l := list{dir: filepath.Dir(file), target: target, seen: map[string]Image{}}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		if text = strings.TrimSpace(text); text != "" {
			l.add(fmt.Sprintf("%s:%d", file, n), text)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if l.problems.Empty() && len(l.images) == 0 {
		return nil, fmt.Errorf("%s: names no image; a line %s", file, allowedLine)
	}
	return l.images, l.problems.Err("")
}

// list collects the images and problems of a list.
type list struct {
	dir      string
	target   Target
	images   []Image
	seen     map[string]Image
	problems problem.List
}

// named is a source with the repository path and tag that it is named by.
type named struct {
	source          source
	repository, tag string
}

// add reads a line.
func (l *list) add(place, text string) {
	found, err := l.sources(text)
	if err != nil {
		l.problems.Add(place, text, "%s", err)
		return
	}
	for _, n := range found {
		target, err := l.target.Tag(n.repository, n.tag)
		if err != nil {
			l.problems.Add(place, text, "makes a name that no registry takes: %s", err)
			continue
		}
		image := Image{Place: place, Target: target, source: n.source}
		earlier, twice := l.seen[target.Name()]
		switch {
		case !twice:
			l.seen[target.Name()] = image
			l.images = append(l.images, image)
		case earlier.Source() != image.Source():
			l.problems.Add(place, image.Source(), "must not become %s, as %s of %s does; keep one of the two",
				target.Name(), earlier.Source(), earlier.Place)
		}
	}
}

// sources reads what a line names.
func (l *list) sources(text string) ([]named, error) {
	if strings.ContainsAny(text, " \t") {
		return nil, errors.New(allowedLine + ", one a line")
	}
	if rest, ok := strings.CutPrefix(text, layoutScheme); ok {
		dir, ref, _ := strings.Cut(rest, ":")
		if dir == "" || strings.HasSuffix(rest, ":") {
			return nil, errors.New(allowedLine)
		}
		return layoutSources(l.path(dir), dir, ref)
	}
	if file, ok := strings.CutPrefix(text, archiveScheme); ok {
		if file == "" {
			return nil, errors.New(allowedLine)
		}
		return archiveSources(l.path(file), file)
	}
	n, err := registrySource(text)
	return []named{n}, err
}

func (l *list) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(l.dir, p)
}

// registrySource reads a reference with registry and tag, and a digest where it has one.
func registrySource(text string) (named, error) {
	tagged, digest, pinned := strings.Cut(text, "@")
	tag, err := name.NewTag(tagged, name.StrictValidation)
	if err != nil {
		return named{}, fmt.Errorf("%s (%w)", allowedLine, err)
	}
	ref := name.Reference(tag)
	if pinned {
		if ref, err = name.NewDigest(tag.Context().Name()+"@"+digest, name.StrictValidation); err != nil {
			return named{}, fmt.Errorf("%s (%w)", allowedLine, err)
		}
	}
	return named{source: fromRegistry{text: text, ref: ref}, repository: tag.RepositoryStr(), tag: tag.TagStr()}, nil
}
