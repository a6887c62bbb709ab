package images

import (
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/bpa-on-aws/platform/infra/imagelist"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// Image is one image to mirror.
type Image struct {
	imagelist.Entry
	// Target is the image's name in the stack's registry.
	Target name.Tag
}

// Of says where each image of a list goes. The error names the place of every image that no source is known of, and of every name
// that no registry takes. No registry is asked.
func Of(list imagelist.List, target Target) ([]Image, error) {
	var images []Image
	var p problem.List
	for _, e := range list.Entries {
		tag, err := target.Tag(e.Repository, e.Tag)
		switch {
		case e.Source.Kind == "":
			p.Add(e.Place(), e.String(), "must say where it comes from: name a list or a bundle's folder in registry.imageList, "+
				"or by --list")
		case err != nil:
			p.Add(e.Place(), e.String(), "makes a name that no registry takes: %s", err)
		default:
			images = append(images, Image{e, tag})
		}
	}
	return images, p.Err("")
}
