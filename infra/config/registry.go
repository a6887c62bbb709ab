package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/naming"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// Registry describes the ECR repositories.
type Registry struct {
	PathPrefix  string   `json:"pathPrefix" optional:"true" is:"repositoryPath" doc:"Path before every repository name (R14). Default: the stack's name."`
	ImageList   string   `json:"imageList" doc:"The release's images: a file with one image a line, or a bundle's folder of archives, relative to the stack file. It says repositories and tags to the registry, images push, preflight and the check of the chart. Default: registry.images."`
	Images      []string `json:"images" is:"ownImage" doc:"In the place of imageList, names of images, each with a tag where that is not application.release: kafka or kafka:3.1.0-690. Default: the images of the reference chart."`
	KeepImages  int      `json:"keepImages" default:"30" from:"1" to:"1000" doc:"How many images a repository keeps, 1-1000. Default 30."`
	PullThrough []string `json:"pullThrough" default:"public.ecr.aws" oneOf:"public.ecr.aws registry.k8s.io quay.io" doc:"Public registries cached in ECR: any of public.ecr.aws, registry.k8s.io, quay.io. Default: public.ecr.aws."`
}

func (r *Registry) complete(d *defaults) {
	def(d, "registry.pathPrefix", &r.PathPrefix, d.config.Name, FromDefault+" (name)")
}

// check looks at the names that the path prefix makes.
func (r Registry) check(p *problem.List) {
	p.Require(r.PathPrefix != "" || len(r.Images) == 0, "pathPrefix", nil, "must be a path before every repository name (R14)")
	p.Require(r.ImageList == "" || len(r.Images) == 0, "images", "…", "must not be given beside imageList, which says the same")
	for i, image := range r.Images {
		path := fmt.Sprintf("images[%d]", i)
		p.Require(slices.Index(r.Images, image) == i, path, image, "must be named once")
		name, _, _ := strings.Cut(image, ":")
		wrong := r.WrongName(name)
		p.Require(wrong == "" || formats["ownImage"].wrongText(image) != "", path, image, "%s", wrong)
	}
	for _, registry := range r.PullThrough {
		prefix, known := naming.CachePrefix(r.PathPrefix, registry)
		p.Require(!known || len(prefix) <= naming.MaxCachePrefix, "pathPrefix", r.PathPrefix,
			"makes the prefix %s of the cache of %s, which has %d characters; %d are allowed",
			prefix, registry, len(prefix), naming.MaxCachePrefix)
	}
}

// WrongName returns what is wrong with the name of a repository behind PathPrefix, or "".
func (r Registry) WrongName(name string) string {
	if wrong := formats["repository"].wrongText(name); wrong != "" {
		return wrong
	}
	if full := len(r.PathPrefix) + 1 + len(name); full > naming.MaxRepository {
		return fmt.Sprintf("makes a repository name of %d characters; %d are allowed", full, naming.MaxRepository)
	}
	return ""
}

// WrongImage returns what is wrong with the name of an image in the stack's registry, such as kafka:3.1.0-690, or "".
func WrongImage(text string) string { return formats["ownImage"].wrongText(text) }

var _ = define(map[string]Format{
	"repository": {Pattern: "^" + repository + "$", Must: "must be a repository name without registry and tag"},
	"ownImage": {
		Pattern: "^" + repository + "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$",
		Must:    "must be a repository name without registry, or NAME:TAG",
	},
	"repositoryPath": {Pattern: "^" + repository + "$", Must: "must be a path of lower-case letters, digits and . _ - between them"},
})
