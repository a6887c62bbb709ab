package images

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/bpa-on-aws/platform/infra/imagelist"
)

// content is an opened image or index.
type content struct {
	remote.Taggable
	// digest of the manifest. Of a docker archive it is only known once all layers have been packed.
	digest func() (v1.Hash, error)
	// id is the digest of the image's configuration, set for docker archives only. It stays the same however the layers
	// are packed, so it tells whether a registry has the image.
	id v1.Hash
}

// open reads the manifests of an image, and no layers. Archives that cannot be read as they are lie unpacked as long as the image
// is pushed.
func (c copier) open(options ...remote.Option) (content, error) {
	source := c.image.Source
	switch source.Kind {
	case imagelist.Registry:
		return fromRegistry(source, options...)
	case imagelist.DockerArchive:
		file, err := c.unpacked.file(source)
		if err != nil {
			return content{}, err
		}
		return fromArchive(file, source.Name)
	case imagelist.OCIArchive:
		dir, err := c.unpacked.file(source)
		if err != nil {
			return content{}, err
		}
		return fromLayout(dir, source)
	}
	return fromLayout(source.Path, source)
}

func fromRegistry(source imagelist.Source, options ...remote.Option) (content, error) {
	ref, err := name.ParseReference(source.Name, name.StrictValidation)
	if tagged, digest, pinned := strings.Cut(source.Name, "@"); pinned {
		var tag name.Tag
		if tag, err = name.NewTag(tagged, name.StrictValidation); err == nil {
			ref, err = name.NewDigest(tag.Context().Name()+"@"+digest, name.StrictValidation)
		}
	}
	if err != nil {
		return content{}, err
	}
	d, err := remote.Get(ref, options...)
	if err != nil {
		return content{}, err
	}
	if d.MediaType.IsSchema1() {
		return content{}, errors.New("has a manifest of schema 1, which ECR does not take; build the image anew")
	}
	return content{Taggable: d, digest: func() (v1.Hash, error) { return d.Digest, nil }}, nil
}

// fromLayout opens what a source names in the layout in a folder.
func fromLayout(dir string, source imagelist.Source) (content, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return content{}, fmt.Errorf("must be an OCI layout: %w", err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return content{}, err
	}
	for _, d := range manifest.Manifests {
		if !source.Names(manifest, d) {
			continue
		}
		c := content{digest: func() (v1.Hash, error) { return d.Digest, nil }}
		if d.MediaType.IsIndex() {
			c.Taggable, err = index.ImageIndex(d.Digest)
		} else {
			c.Taggable, err = index.Image(d.Digest)
		}
		return c, err
	}
	return content{}, errors.New("is not in the layout")
}

func fromArchive(file, tag string) (content, error) {
	parsed, err := name.NewTag(tag)
	if err != nil {
		return content{}, err
	}
	image, err := tarball.ImageFromPath(file, &parsed)
	if err != nil {
		return content{}, err
	}
	id, err := image.ConfigName()
	return content{Taggable: image, digest: image.Digest, id: id}, err
}
