// Package images mirrors the images of a BPA release to the registry of a stack (R14). Layers stream from source to
// target; what is there is not sent again; every image is compared by digest afterwards.
package images

import (
	"github.com/google/go-containerregistry/pkg/name"
)

// Target says where the images of a stack go. Both fields are set.
type Target struct {
	// Registry is the host, with a port where it is not 443. A loopback or private address is spoken to without TLS.
	Registry string
	// PathPrefix stands before every image name: registry.pathPrefix, the paper's <repository_path>.
	PathPrefix string
}

// Tag returns what an image is called in the registry: <registry>/<prefix>/sase-service:4.0.3-522 for sase-service and 4.0.3-522.
// The error says which rule of names the result breaks.
func (t Target) Tag(repository, tag string) (name.Tag, error) {
	return name.NewTag(t.Registry+"/"+t.PathPrefix+"/"+repository+":"+tag, name.StrictValidation)
}
