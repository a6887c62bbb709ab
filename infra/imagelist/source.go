package imagelist

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Kind is how an image is kept, in the words of skopeo and its containers-transports(5).
type Kind string

// The kinds of sources.
const (
	Registry      Kind = "docker"
	Layout        Kind = "oci"
	OCIArchive    Kind = "oci-archive"
	DockerArchive Kind = "docker-archive"
)

// Source is where an image comes from. The zero value is nowhere.
type Source struct {
	Kind Kind
	// Path is the folder or the archive, as this process opens it.
	Path string
	// Name is the reference in a registry (HOST/PATH:TAG, with @DIGEST where one is pinned), or what the archive or the layout calls
	// the image.
	Name string

	shown string
}

// String returns the source as a list has it, such as docker-archive:kafka.tar:bpa/kafka:3.1.0-690.
func (s Source) String() string {
	switch {
	case s.Kind == Registry || s.Kind == "":
		return s.shown
	case s.Name == "":
		return string(s.Kind) + ":" + s.shown
	}
	return string(s.Kind) + ":" + s.shown + ":" + s.Name
}

// From returns the source as a list in a folder has it: its path, unless it is absolute, begins there.
func (s Source) From(dir string) (string, error) {
	if s.Kind == "" || s.Kind == Registry || filepath.IsAbs(s.shown) {
		return s.String(), nil
	}
	full, err := filepath.Abs(s.Path)
	if err != nil {
		return "", err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	s.shown, err = filepath.Rel(dir, full)
	return s.String(), err
}

// image is an image of a source, by the repository path and the tag that it has there.
type image struct {
	source          Source
	repository, tag string
}

// images are those that a source names: one, or all in it. Where the list names the image itself, no file is opened that need not be.
func (s Source) images(named bool) ([]image, error) {
	switch {
	case s.Kind == Registry:
		tagged, _, _ := strings.Cut(s.Name, "@")
		tag, err := name.NewTag(tagged, name.StrictValidation)
		return []image{{s, tag.RepositoryStr(), tag.TagStr()}}, err
	case named && s.Name != "":
		return []image{{source: s}}, nil
	case s.Kind == DockerArchive && s.Name != "":
		repository, tag, err := splitTag(s.Name)
		return []image{{s, repository, tag}}, err
	case s.Kind == DockerArchive:
		return s.saved()
	}
	return s.laidOut()
}

// saved reads the tagged images of an archive that docker save wrote.
func (s Source) saved() ([]image, error) {
	const must = "must be an archive as docker save writes it"
	files, err := filesOf(s.Path, manifestFile)
	if err == nil && files[manifestFile] == nil {
		err = fmt.Errorf("it has no %s", manifestFile)
	}
	var manifest []struct{ RepoTags []string }
	if err == nil {
		err = json.Unmarshal(files[manifestFile], &manifest)
	}
	if err != nil {
		return nil, fmt.Errorf(must+": %w", err)
	}
	var found []image
	for _, saved := range manifest {
		for _, text := range saved.RepoTags {
			repository, tag, err := splitTag(text)
			if err != nil {
				return nil, err
			}
			one := s
			one.Name = text
			found = append(found, image{one, repository, tag})
		}
	}
	if len(found) == 0 {
		return nil, errors.New("must hold a tagged image; save it by its name, not by its id")
	}
	return found, nil
}

// laidOut reads what an OCI layout names: everything, or what the source names.
func (s Source) laidOut() ([]image, error) {
	manifest, err := s.Index()
	if err != nil {
		return nil, err
	}
	var found []image
	for _, d := range manifest.Manifests {
		if s.Name != "" && !s.Names(manifest, d) {
			continue
		}
		own := nameOf(d)
		if own == "" {
			own = s.Name
		}
		if own == "" {
			return nil, fmt.Errorf("holds %s without a name; a layout of one image is named by %s:%s:TAG", d.Digest, s.Kind, s.shown)
		}
		if !d.MediaType.IsIndex() && !d.MediaType.IsImage() {
			return nil, fmt.Errorf("holds %s of type %s, which is no image", own, d.MediaType)
		}
		repository, tag := baseName(s.Path), own // a mere tag belongs to an image named like the folder
		if strings.ContainsAny(own, ":/") {
			if repository, tag, err = splitTag(own); err != nil {
				return nil, err
			}
		}
		one := s
		one.Name = own
		found = append(found, image{one, repository, tag})
	}
	switch {
	case s.Name != "" && len(found) != 1:
		return nil, fmt.Errorf("names %d images %s; it holds: %s", len(found), s.Name, strings.Join(namesIn(manifest), ", "))
	case len(found) == 0:
		return nil, errors.New("must be an OCI layout with an image; its index.json is empty")
	}
	return found, nil
}

// baseName is the name of a folder, or of an archive without its ending.
func baseName(at string) string {
	if full, err := filepath.Abs(at); err == nil {
		at = full
	}
	return packedName.ReplaceAllString(filepath.Base(at), "")
}

// Index reads index.json of an OCI layout, which may be a folder or an archive.
func (s Source) Index() (*v1.IndexManifest, error) {
	must := "must be an OCI layout directory: %w"
	var text []byte
	var err error
	if s.Kind == OCIArchive {
		must = "must be an archive of an OCI layout: %w"
		var files map[string][]byte
		files, err = filesOf(s.Path, indexFile)
		if text = files[indexFile]; err == nil && text == nil {
			err = fmt.Errorf("it has no %s", indexFile)
		}
	} else {
		text, err = os.ReadFile(filepath.Join(s.Path, indexFile))
	}
	if err != nil {
		return nil, fmt.Errorf(must, err)
	}
	manifest, err := v1.ParseIndexManifest(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf(must, fmt.Errorf("%s: %w", indexFile, err))
	}
	return manifest, nil
}

// The annotations that name an image in a layout: a tag or a whole reference, and containerd's whole reference.
const (
	refName        = "org.opencontainers.image.ref.name"
	containerdName = "io.containerd.image.name"
)

// Names reports whether the source names an image of a layout's index: by a name of it or the end of one. An only image without a
// name has whatever name the source gives.
func (s Source) Names(index *v1.IndexManifest, d v1.Descriptor) bool {
	names := annotated(d)
	if len(names) == 0 {
		return len(index.Manifests) == 1
	}
	return slices.ContainsFunc(names, func(n string) bool {
		return n == s.Name || strings.HasSuffix(n, ":"+s.Name) || strings.HasSuffix(n, "/"+s.Name)
	})
}

// annotated are the names of an image in a layout.
func annotated(d v1.Descriptor) []string {
	names := []string{d.Annotations[refName], d.Annotations[containerdName]}
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

// nameOf is the name that says most, or "".
func nameOf(d v1.Descriptor) string {
	if names := annotated(d); len(names) > 0 {
		return names[len(names)-1]
	}
	return ""
}

func namesIn(index *v1.IndexManifest) []string {
	var names []string
	for _, d := range index.Manifests {
		names = append(names, annotated(d)...)
	}
	return names
}

// splitTag splits a reference whose registry may be missing, as docker writes them.
func splitTag(text string) (repository, tag string, err error) {
	parsed, err := name.NewTag(text, name.WithDefaultTag(""))
	if err == nil && parsed.TagStr() == "" {
		err = errors.New("it has no tag")
	}
	if err != nil {
		return "", "", fmt.Errorf("holds an image %q, which must be NAME:TAG: %w", text, err)
	}
	return parsed.RepositoryStr(), parsed.TagStr(), nil
}

// The files that say what an archive holds. Sources: the Docker Image Specification v1.2 (manifest.json), and the OCI Image Layout
// Specification 1.0 (index.json).
const (
	manifestFile = "manifest.json"
	indexFile    = "index.json"
)

// maxText bounds the files of names: a release has hundreds of images at most, of hundreds of bytes.
const maxText = 16 << 20

// kindOf says how an archive keeps images, or "" where it keeps none. Docker has written both files since version 25; the archive is
// docker's then.
func kindOf(file string) (Kind, error) {
	files, err := filesOf(file, manifestFile, indexFile)
	switch {
	case err != nil:
		return "", err
	case files[manifestFile] != nil:
		return DockerArchive, nil
	case files[indexFile] != nil:
		return OCIArchive, nil
	}
	return "", nil
}

// filesOf reads files at the top of an archive, packed or not, up to the last of them.
func filesOf(file string, wanted ...string) (map[string][]byte, error) {
	f, err := Unpacked(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	found := map[string][]byte{}
	for entries := tar.NewReader(f); len(found) < len(wanted); {
		head, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		name := path.Clean(head.Name)
		if !slices.Contains(wanted, name) {
			continue
		}
		if found[name], err = io.ReadAll(io.LimitReader(entries, maxText)); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Packed reports whether a file begins as gzip files do.
func Packed(file string) (bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head, _ := bufio.NewReader(f).Peek(2) // a shorter file is no gzip file
	return bytes.Equal(head, []byte{0x1f, 0x8b}), nil
}

// Unpacked opens an archive, through gzip where it is packed. A plain file can be sought in, so that layers are passed over.
func Unpacked(file string) (io.ReadCloser, error) {
	packed, err := Packed(file)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(file)
	if err != nil || !packed {
		return f, err
	}
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{unpacked, f}, nil
}

// isArchive reports whether a file is one: packed, or with the mark of tar, which stands at 257.
func isArchive(file string) bool {
	if packed, err := Packed(file); err != nil || packed {
		return packed
	}
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	var mark [5]byte
	_, err = f.ReadAt(mark[:], 257)
	return err == nil && string(mark[:]) == "ustar"
}
