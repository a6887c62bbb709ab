package images_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/internal/images"
)

func TestR14NeverMovesATag(t *testing.T) {
	source, target := startRegistry(t), newGate(t, startRegistry(t))
	sourceImage(t, source, "bpa/kafka:1", 1, 1000, 1)
	put(t, target.host+"/bpa-dev/kafka:1", sourceImage(t, source, "bpa/kafka:2", 2, 1000, 1))
	target.forget()
	want := "kafka:1 exists with other content: it is " + digestAt(t, source+"/bpa/kafka:2") +
		", and the source is " + digestAt(t, source+"/bpa/kafka:1") + "; ECR tags are immutable"
	for _, dry := range []bool{false, true} {
		got := push(t, writeList(t, source+"/bpa/kafka:1"), target.host, images.Options{DryRun: dry})
		assert.Equal(t, 1, got.Failed)
		assert.Contains(t, got.errors, want)
		assert.Zero(t, target.changes, "nothing is sent")
	}
}

func TestR14TagTakenMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		tag, want string
		failed    int
	}{
		"with other content":      {"bpa/kafka:2", "ECR tags are immutable", 1},
		"with the same by chance": {"bpa/kafka:1", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			source, target := startRegistry(t), newGate(t, startRegistry(t))
			sourceImage(t, source, "bpa/kafka:1", 1, 1000, 1)
			sourceImage(t, source, "bpa/kafka:2", 2, 1000, 1)
			push(t, writeList(t, source+"/"+c.tag), target.host, pushOptions)
			if c.tag != "bpa/kafka:1" {
				put(t, target.host+"/bpa-dev/kafka:1", sourceImage(t, source, "bpa/kafka:3", 3, 1000, 1))
			}
			target.set(func(g *gate) { g.taken["bpa-dev/kafka:1"] = true })
			got := push(t, writeList(t, source+"/bpa/kafka:1"), target.host, pushOptions)
			assert.Equal(t, c.failed, got.Failed, got.errors)
			assert.Contains(t, got.errors, c.want)
		})
	}
}

func TestR14MissingRepository(t *testing.T) {
	source, target := startRegistry(t), newGate(t, startRegistry(t))
	sourceImage(t, source, "bpa/kafka:1", 1, 1000, 1)
	sourceImage(t, source, "bpa/kong:1", 2, 1000, 1)
	target.repositories = map[string]bool{"bpa-dev/kong": true}
	list := writeList(t, source+"/bpa/kafka:1", source+"/bpa/kong:1")
	want := target.host + " has no repository bpa-dev/kafka; add kafka to the stack's list of images (`bpa:registry.imageList`) and " +
		"run `pulumi up`"

	dry := push(t, list, target.host, images.Options{DryRun: true, RepositoriesExist: true})
	assert.Equal(t, "images: 1 to push, 0 already there, 1 failed", dry.String(), dry.errors)
	assert.Contains(t, dry.errors, want)
	assert.Zero(t, target.changes)

	got := push(t, list, target.host, images.Options{RepositoriesExist: true})
	assert.Equal(t, "images: 1 pushed, 0 already there, 1 failed", got.String(), got.errors)
	assert.Contains(t, got.errors, want)

	// A registry that makes repositories says the same of any new one; only a refused upload is final.
	late := push(t, list, target.host, images.Options{})
	assert.Equal(t, "images: 0 pushed, 1 already there, 1 failed", late.String())
	assert.Contains(t, late.errors, want)
}

func TestR14MissingSource(t *testing.T) {
	source, target := startRegistry(t), startRegistry(t)
	got := push(t, writeList(t, source+"/bpa/kafka:1"), target, pushOptions)
	assert.Equal(t, 1, got.Failed)
	assert.Contains(t, got.errors, "release.txt:1: "+source+"/bpa/kafka:1: the source has no such image or layer: ")
}

func TestR14SaysHowToLogIn(t *testing.T) {
	behind := startRegistry(t)
	source, target := newGate(t, behind), newGate(t, startRegistry(t))
	sourceImage(t, behind, "bpa/kafka:1", 1, 1000, 1)
	sourceImage(t, behind, "bpa/kong:1", 2, 1000, 1)
	list := writeList(t, source.host+"/bpa/kafka:1", source.host+"/bpa/kong:1")
	for _, closed := range []*gate{source, target} {
		closed.set(func(g *gate) { g.user, g.password = "AWS", "token" })
		got := push(t, list, target.host, pushOptions)
		assert.Equal(t, 2, got.Failed)
		assert.Equal(t, 1, strings.Count(got.errors, closed.host+" refuses access, as above"))
		assert.Contains(t, got.errors, closed.host+" refuses access; log in with `docker login "+closed.host+"`")

		wrong := push(t, list, target.host, images.Options{Keychain: credentials{closed.host, "AWS", "old"}})
		assert.Contains(t, wrong.errors, "docker login "+closed.host)
		right := push(t, list, target.host, images.Options{Keychain: credentials{closed.host, "AWS", "token"}})
		assert.Zero(t, right.Failed, right.errors)
		closed.set(func(g *gate) { g.user = "" })
	}
}
