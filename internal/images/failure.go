package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/bpa-on-aws/platform/infra/imagelist"
)

// errInterrupted is what an image fails with that was not reached.
var errInterrupted = errors.New("interrupted; run the command again, and it goes on where it stopped")

// conflictError is a tag that holds something else.
type conflictError struct {
	target       name.Tag
	have, source string
}

// Error names both digests.
func (e *conflictError) Error() string {
	return fmt.Sprintf("%s exists with other content: it is %s, and the source is %s; ECR tags are immutable, so it stays. "+
		"Push the source under another tag", e.target.Name(), e.have, e.source)
}

// missingError is a repository that does not exist.
type missingError struct {
	target name.Tag
	prefix string
	err    error
}

// Error says how the repository comes to be.
func (e *missingError) Error() string {
	image := strings.TrimPrefix(e.target.RepositoryStr(), e.prefix+"/")
	return fmt.Sprintf("%s has no repository %s; add %s to the stack's list of images (`bpa:registry.imageList`) and run `pulumi up` (%s)",
		e.target.RegistryStr(), e.target.RepositoryStr(), image, e.err)
}

// isNoRepository reports whether the stack lacks the repository of an image.
func isNoRepository(err error) bool {
	var missing *missingError
	return errors.As(err, &missing)
}

// explain turns what a registry answered into what to do about it.
func explain(err error, image Image, prefix string) error {
	var answer *transport.Error
	if !errors.As(err, &answer) || isLogin(err) {
		return err
	}
	host, onTarget := "", false
	if answer.Request != nil {
		host = answer.Request.URL.Host
		onTarget = host == image.Target.RegistryStr() &&
			strings.HasPrefix(answer.Request.URL.Path, "/v2/"+image.Target.RepositoryStr()+"/")
	}
	switch {
	case onTarget && has(answer, transport.NameUnknownErrorCode):
		return &missingError{target: image.Target, prefix: prefix, err: answer}
	case answer.StatusCode == http.StatusUnauthorized,
		answer.StatusCode == http.StatusForbidden && image.speaksTo(host),
		has(answer, transport.UnauthorizedErrorCode), has(answer, transport.DeniedErrorCode):
		if !image.speaksTo(host) && image.sourceHost() != "" { // a server that hands out tokens; ECR has none
			host = image.sourceHost()
		}
		return &loginError{host: host, err: answer}
	case answer.StatusCode == http.StatusNotFound && !onTarget:
		return fmt.Errorf("the source has no such image or layer: %w", err)
	}
	return err
}

// sourceHost is the registry that an image comes from, or "".
func (i Image) sourceHost() string {
	if i.Source.Kind != imagelist.Registry {
		return ""
	}
	host, _, _ := strings.Cut(i.Source.Name, "/")
	registry, err := name.NewRegistry(host) // docker.io answers under another name
	if err != nil {
		return host
	}
	return registry.RegistryStr()
}

// speaksTo reports whether a host is the registry of the source or of the target.
func (i Image) speaksTo(host string) bool {
	return host == i.Target.RegistryStr() || host == i.sourceHost()
}

func has(answer *transport.Error, code transport.ErrorCode) bool {
	return slices.ContainsFunc(answer.Errors, func(d transport.Diagnostic) bool { return d.Code == code })
}

// isMissing reports whether a registry knows no such manifest.
func isMissing(err error) bool {
	var answer *transport.Error
	return errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
}

// isImmutable reports whether a registry refused to move a tag.
func isImmutable(err error) bool {
	var answer *transport.Error
	return errors.As(err, &answer) && (has(answer, transport.TagInvalidErrorCode) || has(answer, "TAG_ALREADY_EXISTS")) &&
		strings.Contains(answer.Error(), "already exists")
}

// passingAtOnce reports whether a request may succeed when it is sent again within a second. A silent registry has been waited for
// long enough: the whole image is tried again.
func passingAtOnce(err error) bool { return passing(err) && silentHost(err) == "" }

// passing reports whether an error may be gone the next time: a registry that is busy or broken, or a cut connection.
func passing(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || isLogin(err) {
		return false
	}
	if silentHost(err) != "" {
		return true
	}
	var answer *transport.Error
	if errors.As(err, &answer) {
		return answer.Temporary() || answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode >= 500
	}
	for _, cut := range []error{
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.ECONNREFUSED, syscall.EPIPE,
	} {
		if errors.Is(err, cut) {
			return true
		}
	}
	var network net.Error
	return errors.As(err, &network) && network.Timeout() || strings.Contains(err.Error(), "http2: ")
}
