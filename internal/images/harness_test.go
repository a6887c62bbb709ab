package images_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"math/rand"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/imagelist"
	"github.com/bpa-on-aws/platform/internal/images"
)

// The test binary is also the registry and the push that tests run as processes of their own.
const (
	serveIn  = "IMAGES_TEST_SERVE_IN"
	pushList = "IMAGES_TEST_PUSH_LIST"
	pushTo   = "IMAGES_TEST_PUSH_TO"
)

const prefix = "bpa-dev"

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(serveIn) != "":
		serve(os.Getenv(serveIn))
	case os.Getenv(pushList) != "":
		pushAndMeasure(os.Getenv(pushList), os.Getenv(pushTo))
	default:
		os.Exit(m.Run())
	}
}

// serve runs a registry on a free loopback port, which it prints, until its standard input ends.
func serve(dir string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	quiet := log.New(io.Discard, "", 0)
	handler := registry.New(registry.Logger(quiet), registry.WithBlobHandler(registry.NewDiskBlobHandler(dir)))
	log.Fatal(http.Serve(listener, handler))
}

// pushAndMeasure pushes a list, and prints the summary and the peak of resident memory.
func pushAndMeasure(list, to string) {
	read, err := readList(list, images.Target{Registry: to, PathPrefix: prefix})
	if err != nil {
		log.Fatal(err)
	}
	summary := images.Push(context.Background(), read, options(images.Options{Jobs: 4, Done: func(r images.Result) {
		if r.Err != nil {
			fmt.Println(r.Err)
		}
	}}))
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n%s", summary, status)
}

// readList reads a list, and says where its images go.
func readList(file string, to images.Target) ([]images.Image, error) {
	list, err := imagelist.Read(file)
	if err != nil {
		return nil, err
	}
	return images.Of(list, to)
}

// options fills in what a test need not say: short waits, and no credentials but those given.
func options(o images.Options) images.Options {
	o.Jobs = max(o.Jobs, 1)
	o.Wait = time.Millisecond
	o.PathPrefix = prefix
	return o
}

// startRegistry runs a registry in a process of its own and returns its address.
func startRegistry(t *testing.T) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveIn+"="+t.TempDir())
	return start(t, cmd, strings.TrimSpace)
}

// start runs a server and returns the address that it announces. It ends when its input does, or is killed.
func start(t *testing.T, cmd *exec.Cmd, address func(line string) string) string {
	t.Helper()
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = cmd.Stdout
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if found := address(lines.Text()); found != "" {
			go func() { // a full pipe would stop the server
				for lines.Scan() {
				}
			}()
			return found
		}
	}
	t.Fatalf("%s announced no address: %v", cmd, lines.Err())
	return ""
}

// sourceImage puts an image of random layers of the given sizes into a registry, the same for the same seed.
func sourceImage(t *testing.T, host, repositoryTag string, seed, layerBytes, layers int64) v1.Image {
	t.Helper()
	image, err := random.Image(layerBytes, layers, random.WithSource(rand.NewSource(seed)))
	require.NoError(t, err)
	put(t, host+"/"+repositoryTag, image)
	return image
}

// put writes an image or index.
func put(t *testing.T, reference string, content remote.Taggable) {
	t.Helper()
	tag, err := name.NewTag(reference)
	require.NoError(t, err)
	require.NoError(t, remote.Push(tag, content))
}

// digestAt asks a registry for the digest of a tag.
func digestAt(t *testing.T, reference string) string {
	t.Helper()
	tag, err := name.NewTag(reference)
	require.NoError(t, err)
	descriptor, err := remote.Head(tag)
	require.NoError(t, err)
	return descriptor.Digest.String()
}

// writeList writes a list of images into a folder of its own.
func writeList(t *testing.T, lines ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "release.txt")
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return file
}

// appendLines adds lines to a list.
func appendLines(t *testing.T, list string, lines ...string) {
	t.Helper()
	f, err := os.OpenFile(list, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(strings.Join(lines, "\n") + "\n")
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// writeArchive writes an image with one layer of random bytes as docker save does, with the layer unpacked.
func writeArchive(t *testing.T, tag string, layerBytes int64) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "release.tar")
	layer, err := random.Layer(layerBytes, types.DockerUncompressedLayer, random.WithSource(rand.NewSource(layerBytes)))
	require.NoError(t, err)
	image, err := mutate.AppendLayers(empty.Image, layer)
	require.NoError(t, err)
	parsed, err := name.NewTag(tag)
	require.NoError(t, err)
	require.NoError(t, tarball.WriteToFile(file, parsed, image))
	return file
}

// outcome is what a push did.
type outcome struct {
	images.Summary
	results map[string]images.Result // by target
	errors  string                   // of all images
}

// push reads a list and pushes it to a registry.
func push(t *testing.T, list, to string, o images.Options) outcome {
	t.Helper()
	read, err := readList(list, images.Target{Registry: to, PathPrefix: prefix})
	require.NoError(t, err)
	result := outcome{results: map[string]images.Result{}}
	var said bytes.Buffer
	o.Done = func(r images.Result) {
		result.results[r.Target.Name()] = r
		if r.Err != nil {
			fmt.Fprintln(&said, r.Err)
		}
	}
	result.Summary = images.Push(t.Context(), read, options(o))
	result.errors = said.String()
	return result
}

// credentials are those of one registry.
type credentials struct{ host, user, password string }

// Resolve implements authn.Keychain.
func (c credentials) Resolve(target authn.Resource) (authn.Authenticator, error) {
	if target.RegistryStr() != c.host {
		return authn.Anonymous, nil
	}
	return &authn.Basic{Username: c.user, Password: c.password}, nil
}
