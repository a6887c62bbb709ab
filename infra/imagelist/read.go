package imagelist

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// Allowed is what a line of a list may be.
const Allowed = "must be HOST/PATH:TAG, oci:DIR, oci:DIR:NAME, oci-archive:FILE, oci-archive:FILE:NAME, docker-archive:FILE or " +
	"docker-archive:FILE:NAME:TAG, and may be followed by the image's NAME:TAG in the stack's registry"

// Read reads a list: a file with one image a line, an archive, or a bundle's folder. Of a source's path, the longest end that is
// one of the known names is the image's name, otherwise its last part. The error has a line for every problem, two sources of one
// image included, and says what is allowed.
func Read(at string, known ...string) (List, error) { return read(at, at, known) }

// reader collects what a list names.
type reader struct {
	list     List
	dir      string
	known    []string
	seen     map[string]Entry
	problems problem.List
}

// read reads what is at a path, which messages show in another form.
func read(at, shown string, known []string) (List, error) {
	r := reader{list: List{File: shown}, dir: filepath.Dir(at), known: known, seen: map[string]Entry{}}
	info, err := os.Stat(at)
	if err != nil {
		return List{}, err
	}
	switch {
	case info.IsDir():
		err = r.folder(at, shown)
	case isArchive(at):
		r.file(at, shown)
	default:
		err = r.lines(at, shown)
	}
	if err != nil {
		return List{}, fmt.Errorf("%s: %w", shown, err)
	}
	if r.problems.Empty() && len(r.list.Entries) == 0 {
		if info.IsDir() {
			return List{}, fmt.Errorf("%s: holds no image: no archive that docker save wrote, no OCI layout", shown)
		}
		return List{}, fmt.Errorf("%s: names no image; a line %s", shown, Allowed)
	}
	return r.list, r.problems.Err("")
}

// lines reads a file with one image a line. Empty lines and what follows # are skipped.
func (r *reader) lines(at, shown string) error {
	f, err := os.Open(at)
	if err != nil {
		return err
	}
	defer f.Close()
	scanner := bufio.NewScanner(f)
	for n := 1; scanner.Scan(); n++ {
		text, _, _ := strings.Cut(scanner.Text(), "#")
		fields := strings.Fields(text)
		if len(fields) == 0 {
			continue
		}
		place := Entry{File: shown, Line: n}
		if err := r.line(place, fields); err != nil {
			r.problems.Add(place.Place(), strings.Join(fields, " "), "%s", err)
		}
	}
	return scanner.Err()
}

// line reads a source, and the image's own name behind it.
func (r *reader) line(place Entry, fields []string) error {
	if len(fields) > 2 {
		return errors.New(Allowed)
	}
	own := ""
	if len(fields) == 2 {
		own = fields[1]
		if wrong := config.WrongImage(own); wrong != "" || !strings.Contains(own, ":") {
			return fmt.Errorf("%s: must be the image's NAME:TAG in the stack's registry", own)
		}
	}
	source, err := parse(fields[0], r.dir)
	if err != nil {
		return err
	}
	found, err := source.images(own != "")
	if err != nil {
		return err
	}
	if own != "" && len(found) != 1 {
		return fmt.Errorf("names %d images, and %s can be the name of one", len(found), own)
	}
	for _, image := range found {
		if own != "" {
			image.repository, image.tag, _ = strings.Cut(own, ":")
		} else {
			image.repository = r.short(image.repository)
		}
		r.add(place, image)
	}
	return nil
}

// short is the longest end of a repository path that is a known name, otherwise its last part.
func (r *reader) short(repository string) string {
	short := path.Base(repository)
	for _, known := range r.known {
		if len(known) > len(short) && strings.HasSuffix("/"+repository, "/"+known) {
			short = known
		}
	}
	return short
}

// add takes an image into the list.
func (r *reader) add(place Entry, image image) {
	e := place
	e.Repository, e.Tag, e.Source = image.repository, image.tag, image.source
	if wrong := config.WrongImage(e.String()); wrong != "" {
		r.problems.Add(e.Place(), e.Source.String(), "makes the name %s, and that %s", e, wrong)
		return
	}
	earlier, twice := r.seen[e.String()]
	switch {
	case !twice:
		r.seen[e.String()] = e
		r.list.Entries = append(r.list.Entries, e)
	case earlier.Source.String() != e.Source.String():
		r.problems.Add(e.Place(), e.Source.String(), "must not become %s, as %s of %s does; keep one of the two, or write another "+
			"NAME:TAG behind it", e, earlier.Source, earlier.Place())
	}
}

// folder reads a bundle: every archive and OCI layout below a folder, in the order of their paths.
func (r *reader) folder(at, shown string) error {
	return filepath.WalkDir(at, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(at, file)
		if err != nil {
			return err
		}
		label := filepath.Join(shown, inside)
		if entry.IsDir() {
			if !isLayout(file) {
				return nil
			}
			r.take(Source{Kind: Layout, Path: file, shown: label})
			return filepath.SkipDir
		}
		if packedName.MatchString(file) {
			r.file(file, label)
		}
		return nil
	})
}

// isLayout reports whether a folder is an OCI layout.
func isLayout(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "oci-layout"))
	return err == nil
}

// packedName matches the archives of a bundle.
var packedName = regexp.MustCompile(`\.(?:tar|tar\.gz|tgz)$`)

// file reads an archive of images by what it holds.
func (r *reader) file(at, shown string) {
	kind, err := kindOf(at)
	if err != nil {
		r.problems.Add(shown, nil, "must be a whole archive: %s", err)
		return
	}
	if kind == "" {
		r.list.Ignored = append(r.list.Ignored, shown)
		return
	}
	r.take(Source{Kind: kind, Path: at, shown: shown})
}

// take adds every image of an archive or a layout.
func (r *reader) take(source Source) {
	place := Entry{File: source.shown}
	found, err := source.images(false)
	if err != nil {
		r.problems.Add(source.shown, source.String(), "%s", err)
		return
	}
	for _, image := range found {
		image.repository = r.short(image.repository)
		r.add(place, image)
	}
}

// host is a registry's name as docker takes it: a DNS name or an address, and a port.
var host = regexp.MustCompile(`^(?:` + label + `(?:\.` + label + `)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$`)

const label = `[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?`

// parse reads a source as a list writes it. Relative paths begin at dir.
func parse(text, dir string) (Source, error) {
	for _, kind := range []Kind{Layout, OCIArchive, DockerArchive} {
		rest, found := strings.CutPrefix(text, string(kind)+":")
		if !found || strings.HasPrefix(rest, "//") {
			continue
		}
		at, inside, named := strings.Cut(rest, ":")
		if at == "" || named && inside == "" {
			return Source{}, errors.New(Allowed)
		}
		source := Source{Kind: kind, Path: at, Name: inside, shown: at}
		if !filepath.IsAbs(at) {
			source.Path = filepath.Join(dir, at)
		}
		return source, nil
	}
	reference := strings.TrimPrefix(text, "docker://")
	if scheme, rest, found := strings.Cut(reference, "://"); found {
		return Source{}, fmt.Errorf("must be without %s://, as %s", scheme, rest)
	}
	registry, _, _ := strings.Cut(reference, "/")
	tagged, digest, pinned := strings.Cut(reference, "@")
	tag, err := name.NewTag(tagged, name.StrictValidation)
	if err == nil && pinned {
		_, err = name.NewDigest(tag.Context().Name()+"@"+digest, name.StrictValidation)
	}
	if err == nil && !host.MatchString(registry) {
		err = fmt.Errorf("%s is no registry's name", registry)
	}
	if err != nil {
		return Source{}, fmt.Errorf("%s (%w)", Allowed, err)
	}
	return Source{Kind: Registry, Name: reference, shown: text}, nil
}
