package main

import (
	"bytes"
	"io"
	"log"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/imagelist"
	"github.com/bpa-on-aws/platform/internal/images"
)

// loopbackRegistry serves a registry, with images of the given names in it.
func loopbackRegistry(t *testing.T, names ...string) string {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	for i, n := range names {
		image, err := random.Image(1000, 1, random.WithSource(rand.NewSource(int64(i))))
		require.NoError(t, err)
		tag, err := name.NewTag(host + "/" + n)
		require.NoError(t, err)
		require.NoError(t, remote.Write(tag, image))
	}
	return host
}

// run runs bpactl without any credentials, and returns what it prints.
func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	empty := t.TempDir()
	t.Setenv("HOME", empty)
	t.Setenv("DOCKER_CONFIG", empty)
	t.Setenv("XDG_RUNTIME_DIR", empty)
	var out bytes.Buffer
	root := newRootCommand()
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func listOf(t *testing.T, lines ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "release.txt")
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600))
	return file
}

func TestR14ImagesPush(t *testing.T) {
	source, target := loopbackRegistry(t, "bpa/sase-service:4.0.3-522"), loopbackRegistry(t)
	from, to := source+"/bpa/sase-service:4.0.3-522", target+"/bpa-dev/sase-service:4.0.3-522"
	push := []string{
		"images", "push", "--list", listOf(t, from), "--to", "dev", "--file", "../../Pulumi.dev.yaml",
		"--registry", target, "--jobs", "1",
	}

	out, err := run(t, append(push, "--dry-run")...)
	require.NoError(t, err)
	assert.Equal(t, "to push: "+from+" -> "+to+"\nimages: 1 to push, 0 already there, 0 failed\n", out)
	out, err = run(t, push...)
	require.NoError(t, err)
	assert.Equal(t, "pushed: "+from+" -> "+to+"\nimages: 1 pushed, 0 already there, 0 failed\n", out)
	out, err = run(t, push...)
	require.NoError(t, err)
	assert.Equal(t, "already there: "+from+" -> "+to+"\nimages: 0 pushed, 1 already there, 0 failed\n", out)
}

func TestR14WhatImagesListPrintsIsAList(t *testing.T) {
	image, err := random.Image(10, 1)
	require.NoError(t, err)
	dir := t.TempDir()
	tag, err := name.NewTag("containers.cisco.com/bpa/core:3.1.0-690")
	require.NoError(t, err)
	require.NoError(t, tarball.WriteToFile(filepath.Join(dir, "core.tar"), tag, image))
	t.Chdir(filepath.Dir(dir))
	bundle, line := filepath.Base(dir), "core.tar:containers.cisco.com/bpa/core:3.1.0-690   core:3.1.0-690\n"
	out, err := run(t, "images", "list", "--list", bundle)
	require.NoError(t, err)
	assert.Equal(t, "docker-archive:"+bundle+"/"+line, out)
	file := filepath.Join(t.TempDir(), "images.txt")
	_, err = run(t, "images", "list", "--list", bundle, "--out", file)
	require.NoError(t, err)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "docker-archive:../"+bundle+"/"+line, string(text))
	require.NoError(t, os.Remove(filepath.Join(dir, "core.tar")))
	_, err = run(t, "images", "list", "--list", file)
	require.NoError(t, err, "it is read without the bundle")
}

func TestR14TheListOfAStackIsPrinted(t *testing.T) {
	out, err := run(t, "images", "list", "--file", "../../Pulumi.dev.yaml")
	require.NoError(t, err)
	assert.Contains(t, out, "\nsase-service:4.0.3-522\n")
	_, err = run(t, "images", "list")
	assert.ErrorContains(t, err, "give --list PATH, or --stack STACK")
}

func TestR14ImagesPushFails(t *testing.T) {
	source, target := loopbackRegistry(t), loopbackRegistry(t)
	list := listOf(t, source+"/bpa/kafka:1")
	out, err := run(t, "images", "push", "--list", list, "--file", "../../Pulumi.dev.yaml", "--registry", target)
	require.ErrorIs(t, err, errReported)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	assert.Contains(t, lines[0], "failed: "+list+":1: "+source+"/bpa/kafka:1: the source has no such image or layer")
	assert.Equal(t, "images: 0 pushed, 0 already there, 1 failed", lines[len(lines)-1])
}

func TestR14ImagesPushFlags(t *testing.T) {
	list, stack := listOf(t, "kafka"), "../../Pulumi.dev.yaml"
	for want, args := range map[string][]string{
		"\"camunda:4.0.3-6\": must say where it comes from": {"--file", stack},
		"--silence: 0s: must be positive":                   {"--to", "dev", "--silence", "0s"},
		"give --to STACK":                                   {"--list", list},
		"--jobs: 0: must be 1-32":                           {"--list", list, "--to", "dev", "--jobs", "0"},
		"Pulumi.nowhere.yaml":                               {"--list", list, "--to", "nowhere"},
		`--registry: "a b": must be HOST`:                   {"--list", list, "--file", stack, "--registry", "a b"},
		"release.txt:1: \"kafka\": must be HOST/PATH:TAG":   {"--list", list, "--file", stack},
	} {
		_, err := run(t, append([]string{"images", "push"}, args...)...)
		assert.ErrorContains(t, err, want)
	}
}

func TestR14ImagesGoToTheStacksECR(t *testing.T) {
	flags := pushFlags{to: stackFile{file: "../../Pulumi.dev.yaml"}, list: "release.txt", jobs: 1, silence: time.Minute}
	target, caller, _, err := flags.target()
	require.NoError(t, err)
	assert.Equal(t, images.Target{Registry: "111122223333.dkr.ecr.us-west-2.amazonaws.com", PathPrefix: "bpa-dev"}, target)
	assert.Equal(t, target.Registry, caller.Registry)
}

func TestR14ImagesPushStopsWhereTheStacksECRRefusesTheCaller(t *testing.T) {
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(sts.Close)
	for variable, value := range map[string]string{
		"AWS_ENDPOINT_URL": sts.URL, "AWS_ACCESS_KEY_ID": "AKIAEVE", "AWS_SECRET_ACCESS_KEY": "s", "AWS_PROFILE": "",
		"AWS_MAX_ATTEMPTS": "1",
	} {
		t.Setenv(variable, value)
	}
	stack, err := os.ReadFile("../../Pulumi.dev.yaml")
	require.NoError(t, err)
	const role = "arn:aws:iam::111122223333:role/deployer"
	file := filepath.Join(t.TempDir(), "Pulumi.dev.yaml")
	text := strings.Replace(string(stack), "bpa:aws:\n", "bpa:aws:\n    roleArn: "+role+"\n", 1)
	require.Contains(t, text, role)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	out, err := run(t, "images", "push", "--list", listOf(t, "containers.cisco.com/bpa/kafka:1"), "--to", "dev", "--file", file)
	require.ErrorContains(t, err, "the caller cannot assume "+role)
	assert.NotContains(t, out, "kafka", "nothing is tried")
}

func TestR14BarPrintsFailuresBelow(t *testing.T) {
	var out bytes.Buffer
	b := newBar(&out, 2)
	b.sent(3 * mebibyte)
	third := images.Image{Entry: imagelist.Entry{File: "l", Line: 3}}
	b.done(images.Result{State: images.Pushed, Advice: []string{"has Java 8u312"}, Image: third})
	b.done(images.Result{State: images.Failed, Err: errReported})
	b.finish()
	assert.Contains(t, out.String(), "(3 MiB sent)")
	assert.True(t, strings.HasSuffix(out.String(), "\nnote: l:3:  has Java 8u312\nfailed: "+errReported.Error()+"\n"), out.String())
}
