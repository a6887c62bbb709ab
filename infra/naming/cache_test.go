package naming_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/infra/naming"
)

func TestTheCacheOfEachRegistryHasAPrefixOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, registry := range []string{"public.ecr.aws", "registry.k8s.io", "quay.io"} {
		prefix, ok := naming.CachePrefix(longest, registry)
		assert.True(t, ok, registry)
		assert.LessOrEqual(t, len(prefix), naming.MaxCachePrefix, "the default path prefix is the stack's name")
		assert.False(t, seen[prefix])
		seen[prefix] = true
	}
	_, ok := naming.CachePrefix(longest, "docker.io")
	assert.False(t, ok, "it wants credentials")
}
