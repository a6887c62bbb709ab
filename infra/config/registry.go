package config

import (
	"fmt"
	"slices"

	"github.com/bpa-on-aws/platform/infra/naming"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// Registry describes the ECR repositories.
type Registry struct {
	PathPrefix  string   `json:"pathPrefix" optional:"true" is:"repositoryPath" doc:"Path before every repository name (R14). Default: the stack's name."`
	Images      []string `json:"images" is:"repository" doc:"Names of the BPA images, one repository each. Default: the images of the reference chart."`
	KeepImages  int      `json:"keepImages" default:"30" from:"1" to:"1000" doc:"How many images a repository keeps, 1-1000. Default 30."`
	PullThrough []string `json:"pullThrough" default:"public.ecr.aws" oneOf:"public.ecr.aws registry.k8s.io quay.io" doc:"Public registries cached in ECR: any of public.ecr.aws, registry.k8s.io, quay.io. Default: public.ecr.aws."`
}

func (r *Registry) complete(d *defaults) {
	def(d, "registry.pathPrefix", &r.PathPrefix, d.config.Name, FromDefault+" (name)")
}

// check looks at the names that the path prefix makes.
func (r Registry) check(p *problem.List) {
	p.Require(r.PathPrefix != "" || len(r.Images) == 0, "pathPrefix", nil, "must be a path before every repository name (R14)")
	for i, image := range r.Images {
		path := fmt.Sprintf("images[%d]", i)
		p.Require(slices.Index(r.Images, image) == i, path, image, "must be named once")
		full := r.PathPrefix + "/" + image
		p.Require(len(full) <= naming.MaxRepository, path, image, "makes a repository name of %d characters; %d are allowed",
			len(full), naming.MaxRepository)
	}
	for _, registry := range r.PullThrough {
		prefix, known := naming.CachePrefix(r.PathPrefix, registry)
		p.Require(!known || len(prefix) <= naming.MaxCachePrefix, "pathPrefix", r.PathPrefix,
			"makes the prefix %s of the cache of %s, which has %d characters; %d are allowed",
			prefix, registry, len(prefix), naming.MaxCachePrefix)
	}
}

var _ = define(map[string]Format{
	"repository":     {Pattern: "^" + repository + "$", Must: "must be a repository name without registry and tag"},
	"repositoryPath": {Pattern: "^" + repository + "$", Must: "must be a path of lower-case letters, digits and . _ - between them"},
})
