// Package images mirrors the images of a BPA release to the registry of a stack (R14). Layers stream from source to
// target; what is there is not sent again; every image is compared by digest afterwards.
package images

import (
	"path"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// Target says where the images of a stack go. All fields but Images are set.
type Target struct {
	// Registry is the host, with a port where it is not 443. A loopback or private address is spoken to without TLS.
	Registry string
	// PathPrefix stands before every image name: registry.pathPrefix, the paper's <repository_path>.
	PathPrefix string
	// Images are the names that the stack has repositories for. They only say how much of a source's path is the name
	// of the image, where one has more than one part.
	Images []string
}

// Tag returns what an image of the given repository path is called in the registry, with the tag kept:
// <registry>/<prefix>/sase-service:4.0.3-522 for bpa/sase-service and 4.0.3-522. The error says which rule of names the
// result breaks.
func (t Target) Tag(repository, tag string) (name.Tag, error) {
	return name.NewTag(t.Registry+"/"+t.PathPrefix+"/"+t.image(repository)+":"+tag, name.StrictValidation)
}

// image is the longest end of a repository path that the stack has a repository for, otherwise its last part.
func (t Target) image(repository string) string {
	image := path.Base(repository)
	for _, known := range t.Images {
		if len(known) > len(image) && strings.HasSuffix("/"+repository, "/"+known) {
			image = known
		}
	}
	return image
}
