package images

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// layersAtOnce is how many layers of one image are sent at a time.
const layersAtOnce = 2

// copier mirrors one image.
type copier struct {
	Options
	image    Image
	unpacked *unpacker
}

// run reads the source's manifest, compares it with what the target has, and sends what is missing.
func (c copier) run(ctx context.Context) (Result, error) {
	result := Result{Image: c.image}
	if ctx.Err() != nil {
		return result, errInterrupted
	}
	from, err := c.open(c.remote(ctx)...)
	if err != nil {
		return result, err
	}
	result.Advice = from.advice()
	var there bool
	there, result.Digest, err = c.compare(ctx, from)
	switch {
	case err != nil:
		return result, err
	case there:
		result.State = There
		return result, nil
	case c.DryRun:
		result.State = Missing
		return result, nil
	}
	if err := remote.Push(c.image.Target, from.Taggable, c.remote(ctx)...); err != nil {
		if err = c.refused(ctx, from, err); err != nil {
			return result, err
		}
	}
	result.State = Pushed
	result.Digest, err = c.verify(ctx, from)
	return result, err
}

// remote are the options of every request. A layer is tried three times before the whole image is.
func (c copier) remote(ctx context.Context) []remote.Option {
	keychain := c.Keychain
	if keychain == nil {
		keychain = authn.NewMultiKeychain()
	}
	backoff := remote.Backoff{Duration: c.firstWait() / 4, Factor: 2, Jitter: 0.1, Steps: 3}
	return []remote.Option{
		remote.WithContext(ctx), remote.WithAuthFromKeychain(keychain), remote.WithJobs(layersAtOnce),
		remote.WithRetryBackoff(backoff), remote.WithRetryPredicate(passingAtOnce), remote.WithUserAgent("bpactl"),
		remote.WithTransport(counting{listening{remote.DefaultTransport, cmp.Or(c.Silence, silenceLimit)}, c.Sent}),
	}
}

// compare reports whether the target has the image, and by which digest. A tag of other content is an error.
func (c copier) compare(ctx context.Context, from content) (bool, string, error) {
	have, err := remote.Head(c.image.Target, c.remote(ctx)...)
	if err != nil {
		return c.absent(ctx, err)
	}
	if from.id != (v1.Hash{}) {
		return c.compareArchive(ctx, from)
	}
	want, err := from.digest()
	if err != nil {
		return false, "", err
	}
	if have.Digest != want {
		return false, "", &conflictError{c.image.Target, have.Digest.String(), want.String()}
	}
	return true, want.String(), nil
}

// absent decides what it means that the target did not show the manifest. The answer to HEAD has no body, that to GET
// says why.
func (c copier) absent(ctx context.Context, refused error) (bool, string, error) {
	if !isMissing(refused) || c.RepositoriesExist {
		_, err := remote.Get(c.image.Target, c.remote(ctx)...)
		if err != nil {
			refused = err
		}
	}
	switch err := explain(refused, c.image, c.PathPrefix); {
	case isNoRepository(err) && c.RepositoriesExist:
		return false, "", err
	case isMissing(refused):
		return false, "", nil
	}
	return false, "", refused
}

// compareArchive compares an image that has no digest until it is packed by that of its configuration, which covers the
// content of every layer.
func (c copier) compareArchive(ctx context.Context, from content) (bool, string, error) {
	have, err := remote.Get(c.image.Target, c.remote(ctx)...)
	if err != nil {
		return false, "", err
	}
	var manifest v1.Manifest
	if err := json.Unmarshal(have.Manifest, &manifest); err != nil {
		return false, "", fmt.Errorf("%s: %w", c.image.Target.Name(), err)
	}
	switch manifest.Config.Digest {
	case from.id:
		return true, have.Digest.String(), nil
	case v1.Hash{}: // an index
		return false, "", &conflictError{c.image.Target, have.Digest.String(), "an image of id " + from.id.String()}
	}
	return false, "", &conflictError{
		c.image.Target, "an image of id " + manifest.Config.Digest.String(), "one of id " + from.id.String(),
	}
}

// refused looks closer at a failed push: another push may have taken the tag meanwhile.
func (c copier) refused(ctx context.Context, from content, err error) error {
	if isImmutable(err) {
		if there, _, found := c.compare(ctx, from); found != nil {
			return found
		} else if there {
			return nil
		}
	}
	return err
}

// verify asks the target for the digest of what was pushed, and compares it with the source's.
func (c copier) verify(ctx context.Context, from content) (string, error) {
	want, err := from.digest()
	if err != nil {
		return "", err
	}
	have, err := remote.Head(c.image.Target, c.remote(ctx)...)
	if err != nil {
		return "", fmt.Errorf("was pushed, and cannot be checked: %w", err)
	}
	if have.Digest != want {
		return "", fmt.Errorf("was pushed as %s, and %s now has %s", want, c.image.Target.Name(), have.Digest)
	}
	return want.String(), nil
}

// counting tells of the bytes of layers as they are sent.
type counting struct {
	http.RoundTripper
	sent func(int)
}

// RoundTrip implements http.RoundTripper.
func (t counting) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.sent != nil && r.Method == http.MethodPatch && r.Body != nil {
		r = r.Clone(r.Context())
		r.Body = &countingBody{r.Body, t.sent}
	}
	return t.RoundTripper.RoundTrip(r)
}

type countingBody struct {
	io.ReadCloser
	sent func(int)
}

// Read implements io.Reader.
func (b *countingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.sent(n)
	}
	return n, err
}
