package recovery

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Revision is one of a Helm release on which some Helm works, or has died: its status is pending-install, pending-upgrade or
// pending-rollback, and until it is another one every upgrade says that another operation is in progress.
type Revision struct {
	Namespace, Name, Status string

	// secret is the object that Helm keeps it in.
	secret object
}

// Helm reaches the releases of a cluster.
type Helm interface {
	// Pending returns the revisions that are pending.
	Pending(ctx context.Context) ([]Revision, error)
	// Fail makes a pending revision one that has failed. Helm upgrades over such a one, a first one too: nothing is deleted, and
	// nothing is rolled back. Source: helm/helm v3.20.2 pkg/action/upgrade.go prepareUpgrade.
	Fail(ctx context.Context, revision Revision) error
}

// pendingSelector selects the Secrets of pending revisions.
const pendingSelector = "owner=helm,status in (pending-install,pending-upgrade,pending-rollback)"

// Pending implements Helm. Helm keeps a Secret a revision, of the type helm.sh/release.v1. Source: helm/helm v3.20.2
// pkg/storage/driver/secrets.go and util.go.
func (a *API) Pending(ctx context.Context) ([]Revision, error) {
	var list object
	if err := a.get(ctx, &list, "/api/v1/secrets", map[string]string{"labelSelector": pendingSelector}); err != nil {
		return nil, err
	}
	var found []Revision
	for _, secret := range property.Objects(list, "items") {
		found = append(found, Revision{
			Namespace: property.Text(secret, "metadata", "namespace"), Name: property.Text(secret, "metadata", "labels", "name"),
			Status: property.Text(secret, "metadata", "labels", "status"), secret: secret,
		})
	}
	return found, nil
}

// Fail implements Helm. Where somebody has changed the Secret meanwhile, as a Helm that lives does, the cluster refuses.
func (a *API) Fail(ctx context.Context, r Revision) error {
	failed, err := r.failed()
	if err != nil {
		return fmt.Errorf("release %s/%s: %w", r.Namespace, r.Name, err)
	}
	path := "/api/v1/namespaces/" + r.Namespace + "/secrets/" + property.Text(r.secret, "metadata", "name")
	_, err = do(ctx, a.client.Put().AbsPath(path).SetHeader("Content-Type", "application/json").Body(failed))
	return err
}

// failed is the Secret of the revision as Helm writes that of one that has failed.
func (r Revision) failed() ([]byte, error) {
	text, err := base64.StdEncoding.DecodeString(property.Text(r.secret, "data", "release"))
	if err != nil {
		return nil, fmt.Errorf("reading what Helm keeps: %w", err)
	}
	release, err := decodeRelease(string(text))
	if err != nil {
		return nil, fmt.Errorf("reading what Helm keeps: %w", err)
	}
	info := property.Object(release, "info")
	if info == nil {
		return nil, fmt.Errorf("reading what Helm keeps: it has no info")
	}
	info["status"], info["description"] = "failed", "the Helm that was working on it has died ("+r.Status+")"
	encoded, err := encodeRelease(release)
	if err != nil {
		return nil, err
	}
	property.Object(r.secret, "data")["release"] = base64.StdEncoding.EncodeToString([]byte(encoded))
	property.Object(r.secret, "metadata", "labels")["status"] = "failed"
	r.secret["apiVersion"], r.secret["kind"] = "v1", "Secret" // of what is in a list, the API does not say so
	return json.Marshal(r.secret)
}

// decodeRelease reads what Helm keeps of a revision: JSON, compressed, in base64.
func decodeRelease(text string) (object, error) {
	compressed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	reader, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	whole, err := io.ReadAll(reader)
	if err != nil {
		return nil, err
	}
	var release object
	decoder := json.NewDecoder(bytes.NewReader(whole))
	decoder.UseNumber()
	return release, decoder.Decode(&release)
}

func encodeRelease(release object) (string, error) {
	text, err := json.Marshal(release)
	if err != nil {
		return "", err
	}
	var compressed bytes.Buffer
	writer := gzip.NewWriter(&compressed)
	_, _ = writer.Write(text) // into memory
	if err := writer.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(compressed.Bytes()), nil
}

// Ended is a release that was pending, and that `up` may go on with.
type Ended struct {
	URN resource.URN
	// Status is what it was, such as pending-install.
	Status string
}

// endPending ends what a plugin that has died left pending in Helm.
func (r *Report) endPending(ctx context.Context, account Account, s *stackdoc.State) error {
	releases := releasesOf(s)
	if len(releases) == 0 || account.Helm == nil {
		return nil
	}
	pending, err := account.Helm.Pending(ctx)
	for urn, release := range releases {
		switch i := slices.IndexFunc(pending, release.is); {
		case err != nil && release.doubtful:
			r.Open = append(
				r.Open,
				Open{URN: urn, Why: fmt.Sprintf("the cluster does not say what Helm does (%v): %s", err, release.advice())},
			)
		case err != nil || i < 0:
		default:
			if err := r.end(ctx, account, urn, pending[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// end makes a pending revision a failed one, unless its plugin still works on it.
func (r *Report) end(ctx context.Context, account Account, urn resource.URN, revision Revision) error {
	if account.Plugins != nil {
		alive, err := account.Plugins()
		if err != nil {
			return fmt.Errorf("looking for plugins: %w", err)
		}
		if i := slices.IndexFunc(alive, func(p Process) bool { return p.Name == "pulumi-resource-kubernetes" }); i >= 0 {
			r.Open = append(
				r.Open,
				Open{URN: urn, Why: fmt.Sprintf("process %d (%s) still works on it (%s): wait until it has ended, or end it",
					alive[i].ID, alive[i].Name, revision.Status)},
			)
			return nil
		}
	}
	if err := account.Helm.Fail(ctx, revision); err != nil {
		return fmt.Errorf("ending what is pending in Helm: %w", err)
	}
	r.Ended = append(r.Ended, Ended{URN: urn, Status: revision.Status})
	return nil
}

// release is one of the state, or one that was being made.
type release struct {
	namespace, name string
	// doubtful says that an operation on it was under way, or has failed.
	doubtful bool
}

func (r release) is(revision Revision) bool {
	return revision.Namespace == r.namespace && revision.Name == r.name
}

// advice is the one command of an operator whose cluster this machine does not reach.
func (r release) advice() string {
	place := r.name + " --namespace " + r.namespace
	return fmt.Sprintf("where it is reached, `helm status %s` tells; if it is pending-upgrade, `helm rollback %s`, "+
		"if it is pending-install, `helm uninstall %s`, and then bpactl recover again", place, place, place)
}

func releasesOf(s *stackdoc.State) map[resource.URN]release {
	found := map[resource.URN]release{}
	for _, r := range s.Live() {
		if r.Type() == catalog.HelmRelease {
			status := property.Text(r.Outputs, "status", "status")
			found[r.URN] = release{r.Text("namespace"), r.Text("name"), r.Incomplete || strings.HasPrefix(status, "pending-")}
		}
	}
	for _, o := range s.Pending {
		if r := o.Resource; r.Type() == catalog.HelmRelease {
			found[r.URN] = release{r.Text("namespace"), r.Text("name"), true}
		}
	}
	return found
}
