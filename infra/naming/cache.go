package naming

// caches are the public registries that ECR caches without credentials, with the last part of the repository prefix that
// their images get in a stack's registry.
var caches = map[string]string{"public.ecr.aws": "public", "registry.k8s.io": "k8s", "quay.io": "quay"}

// MaxRepository is how long the name of an ECR repository may be, in characters (docs/facts.md §4).
const MaxRepository = 256

// MaxCachePrefix is how long the prefix of a pull-through cache may be (ECR CreatePullThroughCacheRule), in characters.
const MaxCachePrefix = 30

// CachePrefix returns the prefix under which ECR keeps the images of a public registry, such as bpa-dev/public for
// public.ecr.aws. It is not ok for a registry that cannot be cached.
func CachePrefix(pathPrefix, registry string) (prefix string, ok bool) {
	last, ok := caches[registry]
	return pathPrefix + "/" + last, ok
}
