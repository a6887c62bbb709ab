package images

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// source is where an image comes from. Its text tells two sources apart.
type source interface {
	fmt.Stringer
	// open reads manifests, and no layers.
	open(options ...remote.Option) (content, error)
	// registry is the host to log in to, or "".
	registry() string
}

// content is an opened image or index.
type content struct {
	remote.Taggable
	// digest of the manifest. Of a docker archive it is only known once all layers have been packed.
	digest func() (v1.Hash, error)
	// id is the digest of the image's configuration, set for docker archives only. It stays the same however the layers
	// are packed, so it tells whether a registry has the image.
	id v1.Hash
}

// fromRegistry is a reference, with a digest where the list pins one.
type fromRegistry struct {
	text string
	ref  name.Reference
}

// String returns the reference as the list has it.
func (s fromRegistry) String() string { return s.text }

func (s fromRegistry) registry() string { return s.ref.Context().RegistryStr() }

func (s fromRegistry) open(options ...remote.Option) (content, error) {
	d, err := remote.Get(s.ref, options...)
	if err != nil {
		return content{}, err
	}
	if d.MediaType.IsSchema1() {
		return content{}, errors.New("has a manifest of schema 1, which ECR does not take; build the image anew")
	}
	return content{Taggable: d, digest: func() (v1.Hash, error) { return d.Digest, nil }}, nil
}

// fromLayout is an image or index that an OCI layout names.
type fromLayout struct {
	text, dir  string
	descriptor v1.Descriptor
}

// String returns oci:DIR:NAME.
func (s fromLayout) String() string { return s.text }

func (s fromLayout) registry() string { return "" }

func (s fromLayout) open(...remote.Option) (content, error) {
	index, err := layout.ImageIndexFromPath(s.dir)
	if err != nil {
		return content{}, err
	}
	c := content{digest: func() (v1.Hash, error) { return s.descriptor.Digest, nil }}
	if s.descriptor.MediaType.IsIndex() {
		c.Taggable, err = index.ImageIndex(s.descriptor.Digest)
	} else {
		c.Taggable, err = index.Image(s.descriptor.Digest)
	}
	return c, err
}

// The annotations that name an image in a layout: a tag or a whole reference, and containerd's whole reference.
const (
	refName        = "org.opencontainers.image.ref.name"
	containerdName = "io.containerd.image.name"
)

// layoutSources reads what a layout names: everything, or only ref. An only image without a name is what ref says.
func layoutSources(dir, shown, ref string) ([]named, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, fmt.Errorf("must be an OCI layout directory: %w", err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("must be an OCI layout directory: index.json: %w", err)
	}
	var found []named
	var names []string
	for _, d := range manifest.Manifests {
		own, known := layoutNames(d)
		if len(known) == 0 && ref != "" && len(manifest.Manifests) == 1 {
			own, known = ref, []string{ref}
		}
		names = append(names, known...)
		if ref != "" && !matches(known, ref) {
			continue
		}
		if own == "" {
			return nil, fmt.Errorf("holds %s without a name; a layout of one image is named by oci:DIR:TAG", d.Digest)
		}
		if !d.MediaType.IsIndex() && !d.MediaType.IsImage() {
			return nil, fmt.Errorf("holds %s of type %s, which is no image", own, d.MediaType)
		}
		repository, tag, err := nameInLayout(own, dir)
		if err != nil {
			return nil, err
		}
		text := layoutScheme + shown + ":" + own
		found = append(found, named{fromLayout{text, dir, d}, repository, tag})
	}
	switch {
	case ref != "" && len(found) != 1:
		return nil, fmt.Errorf("names %d images %s; it holds: %s", len(found), ref, strings.Join(names, ", "))
	case len(found) == 0:
		return nil, errors.New("must be an OCI layout directory with an image; its index.json is empty")
	}
	return found, nil
}

// layoutNames returns the name of an image in a layout, the one that says most, and all of its names.
func layoutNames(d v1.Descriptor) (own string, all []string) {
	for _, annotation := range []string{refName, containerdName} {
		if value := d.Annotations[annotation]; value != "" {
			own, all = value, append(all, value)
		}
	}
	return own, all
}

func matches(names []string, ref string) bool {
	for _, n := range names {
		if n == ref || strings.HasSuffix(n, ":"+ref) || strings.HasSuffix(n, "/"+ref) {
			return true
		}
	}
	return false
}

// nameInLayout splits a name in a layout. A mere tag belongs to an image named like the directory.
func nameInLayout(text, dir string) (repository, tag string, err error) {
	if strings.ContainsAny(text, ":/") {
		return splitTag(text)
	}
	dir, err = filepath.Abs(dir)
	return filepath.Base(dir), text, err
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

// fromArchive is a tagged image of a docker archive.
type fromArchive struct {
	text, file string
	tag        name.Tag
}

// String returns docker-archive:FILE:NAME.
func (s fromArchive) String() string { return s.text }

func (s fromArchive) registry() string { return "" }

func (s fromArchive) open(...remote.Option) (content, error) {
	image, err := tarball.ImageFromPath(s.file, &s.tag)
	if err != nil {
		return content{}, err
	}
	id, err := image.ConfigName()
	return content{Taggable: image, digest: image.Digest, id: id}, err
}

// archiveSources reads the tagged images of a docker archive.
func archiveSources(file, shown string) ([]named, error) {
	packed, err := gzipped(file)
	if err != nil {
		return nil, fmt.Errorf("must be an archive as docker save writes it: %w", err)
	}
	if packed {
		return nil, errors.New("must be an archive as docker save writes it; unpack it with gunzip first")
	}
	manifest, err := tarball.LoadManifest(opener(file))
	if err != nil {
		return nil, fmt.Errorf("must be an archive as docker save writes it: %w", err)
	}
	var found []named
	for _, d := range manifest {
		for _, text := range d.RepoTags {
			repository, tag, err := splitTag(text)
			if err != nil {
				return nil, err
			}
			parsed, err := name.NewTag(text)
			if err != nil {
				return nil, err
			}
			found = append(found, named{fromArchive{archiveScheme + shown + ":" + text, file, parsed}, repository, tag})
		}
	}
	if len(found) == 0 {
		return nil, errors.New("must hold a tagged image; save it by its name, not by its id")
	}
	return found, nil
}

func opener(file string) tarball.Opener {
	return func() (io.ReadCloser, error) { return os.Open(file) }
}

// gzipped reports whether a file begins as gzip files do.
func gzipped(file string) (bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head, _ := bufio.NewReader(f).Peek(2) // a shorter file is no gzip file
	return bytes.Equal(head, []byte{0x1f, 0x8b}), nil
}
