package recovery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// API is the Kubernetes API of a stack's own cluster, wherever the context of the shell leads.
type API struct{ client *rest.RESTClient }

// patience is how long one answer may take: an API that nothing leads to says nothing.
const patience = 30 * time.Second

// NewAPI reaches a cluster by a kubeconfig, as the stack's provider does: with its command for a token, and through its proxy.
func NewAPI(kubeconfig []byte) (*API, error) {
	c, err := clientcmd.RESTConfigFromKubeConfig(kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig of the stack: %w", err)
	}
	c.NegotiatedSerializer, c.Timeout = scheme.Codecs.WithoutConversion(), patience
	client, err := rest.UnversionedRESTClientFor(c)
	return &API{client}, err
}

// get reads what is at a path into something.
func (a *API) get(ctx context.Context, into any, path string, parameters map[string]string) error {
	request := a.client.Get().AbsPath(path)
	for name, value := range parameters {
		request = request.Param(name, value)
	}
	answer, err := do(ctx, request)
	if err != nil {
		return err
	}
	return json.Unmarshal(answer, into)
}

// do returns what the API answers. An error is in the API's own words.
func do(ctx context.Context, request *rest.Request) ([]byte, error) {
	result := request.Do(ctx)
	if err := result.Error(); err != nil {
		return nil, err
	}
	return result.Raw()
}

// KubeconfigOf is that of the cluster in which a stack's release is, of a state whose secrets are readable: its provider has it.
func KubeconfigOf(state []byte) ([]byte, error) {
	s, err := stackdoc.ReadState(state)
	if err != nil {
		return nil, err
	}
	known := s.Live()
	for _, o := range s.Pending {
		known = append(known, o.Resource)
	}
	for _, r := range known {
		if r.Type() != catalog.HelmRelease {
			continue
		}
		provider := s.Find(r.ProviderURN())
		if provider == nil {
			continue
		}
		kubeconfig := provider.Inputs["kubeconfig"]
		if secret, is := kubeconfig.(stackdoc.Secret); is {
			kubeconfig, _ = secret.Value()
		}
		if text, is := kubeconfig.(string); is {
			return []byte(text), nil
		}
		return nil, fmt.Errorf("%s has no kubeconfig that can be read", provider.URN)
	}
	return nil, errors.New("the state holds no release of Helm")
}
