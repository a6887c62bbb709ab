package kubernetes

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestOnlyAnObjectThatKeepsItsOwnNameIsDeletedFirst(t *testing.T) {
	object := func(name, namespace, named string) map[string]any {
		return map[string]any{"metadata": map[string]any{
			"name": name, "namespace": namespace, "annotations": map[string]any{autonamed: named},
		}}
	}
	assert.True(t, sameName(object("a", "n", ""), object("a", "n", "")))
	assert.False(t, sameName(object("a", "n", ""), object("b", "n", "")), "another name")
	assert.False(t, sameName(object("a", "n", ""), object("a", "m", "")), "another namespace")
	assert.False(t, sameName(object("a-1", "n", "true"), object("a-1", "n", "true")), "the engine names it anew")
}
