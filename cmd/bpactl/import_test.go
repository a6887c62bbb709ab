package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestADrillMustBeOneThatThereIs(t *testing.T) {
	_, err := bpactl(t, "rehearse", "drill", "flood")
	require.ErrorContains(t, err, `invalid argument "flood"`)
	out, err := bpactl(t, "rehearse", "drill", "--help")
	require.NoError(t, err)
	for _, drill := range []string{"node", "zone", "database", "state"} {
		assert.Contains(t, out, "  "+drill+" ")
	}
}
