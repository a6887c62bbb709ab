// Package bpa installs BPA itself (R11, R20-R24): its namespace, certificate and secrets, and the Helm release.
package bpa

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/problem"
	"github.com/bpa-on-aws/platform/infra/reserved"
)

const (
	// certificateSecret is the TLS secret's name in the paper (R22).
	certificateSecret = "bpa-certificate-ingress"
	mongoSecret       = "bpa-mongodb"
)

// The program's own Helm values. The overlay makes a chart read the first two.
const (
	environmentValue = reserved.EnvironmentValue
	checksumValue    = reserved.ChecksumValue
)

// Mongo is how BPA reaches MongoDB.
type Mongo struct{ URL, Username, Password pulumi.StringInput }

// Args are the arguments of New.
type Args struct {
	// Application is what the configuration says; Release is the tag of BPA's images. Its own Chart is what Chart was made of.
	config.Application
	Chart Chart
	// SecretValues marks all of Values as secret.
	SecretValues bool
	// References are what texts of Environment and Values may name, beside what this component makes itself.
	References map[string]pulumi.Input
	// CertificatePEM is the certificate with its chain.
	CertificatePEM string
	PrivateKey     pulumi.StringInput
	Mongo          Mongo
	// After is what the release waits for: databases, images, nodes, add-ons.
	After []pulumi.Resource
}

// BPA is the component.
type BPA struct {
	pulumi.ResourceState

	Namespace, ReleaseName string
	// Status is Helm's: deployed.
	Status pulumi.StringOutput `pulumi:"status"`
	// Ready is the release, for what has to wait until BPA runs.
	Ready []pulumi.Resource

	name string
	args *Args
}

// New installs BPA.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*BPA, error) {
	if err := args.validate(); err != nil {
		return nil, err
	}
	b := &BPA{name: name, args: args, Namespace: args.Namespace, ReleaseName: args.ReleaseName}
	if err := ctx.RegisterComponentResource("bpa:bpa:BPA", name, b, opts...); err != nil {
		return nil, fmt.Errorf("bpa: %w", err)
	}
	namespace, err := corev1.NewNamespace(ctx, name+"-namespace", &corev1.NamespaceArgs{
		Metadata: &metav1.ObjectMetaArgs{Name: pulumi.String(args.Namespace)},
	}, pulumi.Parent(b))
	if err != nil {
		return nil, fmt.Errorf("bpa: namespace: %w", err)
	}
	secrets, err := b.newSecrets(ctx, namespace)
	if err != nil {
		return nil, fmt.Errorf("bpa: secret: %w", err)
	}
	if err := b.newRelease(ctx, namespace, secrets); err != nil {
		return nil, fmt.Errorf("bpa: release: %w", err)
	}
	return b, ctx.RegisterResourceOutputs(b, pulumi.Map{"status": b.Status})
}

func (a *Args) validate() error {
	var p problem.List
	config.Validate(&p, a.Application)
	p.Require((a.Chart.Path == "") != (a.Chart.OCI == ""), "Chart", a.Chart.Path+a.Chart.OCI, "must be a path or an OCI reference")
	p.Require(a.CertificatePEM != "" && a.PrivateKey != nil, "CertificatePEM", nil, "must be given with its key")
	return p.Err("bpa: ")
}

// newSecrets makes the TLS secret (R22) and the one for MongoDB. Both keep their names, and are changed in place.
func (b *BPA) newSecrets(ctx *pulumi.Context, namespace *corev1.Namespace) ([]pulumi.Resource, error) {
	meta := func(name string) *metav1.ObjectMetaArgs {
		return &metav1.ObjectMetaArgs{Name: pulumi.String(name), Namespace: namespace.Metadata.Name()}
	}
	certificate, err := corev1.NewSecret(ctx, b.name+"-certificate", &corev1.SecretArgs{
		Metadata: meta(certificateSecret), Type: pulumi.String("kubernetes.io/tls"),
		StringData: pulumi.ToSecret(pulumi.StringMap{
			"tls.crt": pulumi.String(b.args.CertificatePEM), "tls.key": b.args.PrivateKey,
		}).(pulumi.StringMapOutput),
	}, pulumi.Parent(b))
	if err != nil {
		return nil, err
	}
	mongo, err := corev1.NewSecret(ctx, b.name+"-mongodb", &corev1.SecretArgs{
		Metadata: meta(mongoSecret),
		StringData: pulumi.ToSecret(pulumi.StringMap{
			"url": b.args.Mongo.URL, "username": b.args.Mongo.Username, "password": b.args.Mongo.Password,
		}).(pulumi.StringMapOutput),
	}, pulumi.Parent(b))
	return []pulumi.Resource{certificate, mongo}, err
}

// newRelease installs or upgrades the chart (R20). Helm upgrades over a release that has failed, a first one too, so the next
// `up` goes on from it. Where OnFailure says so, Helm undoes what failed instead.
func (b *BPA) newRelease(ctx *pulumi.Context, namespace *corev1.Namespace, secrets []pulumi.Resource) error {
	values, err := b.values()
	if err != nil {
		return err
	}
	undo := pulumi.Bool(b.args.OnFailure == "rollBack")
	args := &ReleaseArgs{
		Chart: pulumi.String(b.args.Chart.Path), Name: pulumi.String(b.args.ReleaseName), Namespace: namespace.Metadata.Name().Elem(),
		Values: values, Atomic: undo, CleanupOnFail: undo, MaxHistory: pulumi.Int(10),
		Timeout: pulumi.Int(b.args.TimeoutSeconds), WaitForJobs: pulumi.Bool(true),
	}
	if b.args.Chart.OCI != "" {
		args.Chart, args.Version = pulumi.String(b.args.Chart.OCI), pulumi.String(b.args.Chart.Version)
	}
	limit := fmt.Sprintf("%ds", b.args.TimeoutSeconds+300)
	release, err := NewRelease(ctx, b.name+"-release", args, pulumi.Parent(b),
		pulumi.DependsOn(append(append([]pulumi.Resource{}, b.args.After...), secrets...)),
		pulumi.Timeouts(&pulumi.CustomTimeouts{Create: limit, Update: limit, Delete: limit}))
	if err != nil {
		return err
	}
	b.Status, b.Ready = release.State(), []pulumi.Resource{release}
	return nil
}

// values are the user's, and the program's own: what fills environment.txt, and the certificate's checksum. With a new
// certificate the ingress rolls, and nothing is uninstalled (R24).
func (b *BPA) values() (pulumi.Map, error) {
	references, err := b.references()
	if err != nil {
		return nil, err
	}
	values := pulumi.Map{}
	for key, value := range withoutNulls(b.args.Values) {
		values[key] = expand(value, references)
		if b.args.SecretValues {
			values[key] = pulumi.ToSecret(values[key])
		}
	}
	environment := pulumi.Map{}
	for key, text := range b.args.Environment {
		environment[key] = expandText(text, references)
		if number, ok := environment[key].(pulumi.Int); ok {
			environment[key] = pulumi.String(strconv.Itoa(int(number)))
		}
	}
	values[environmentValue] = pulumi.ToSecret(environment)
	values[checksumValue] = pulumi.String(Fingerprint(b.args.CertificatePEM))
	return values, nil
}

// checksum is another one whenever MongoDB is reached in another way, so that the chart can roll what reads the secret. It
// stands in annotations, which more people may read than secrets: from it, each guess at a password costs 100,000 hashes.
func (m Mongo) checksum() pulumi.StringOutput {
	sum := pulumi.All(m.URL, m.Username, m.Password).ApplyT(func(v []any) (string, error) {
		key, err := pbkdf2.Key(sha256.New, v[2].(string), []byte(v[0].(string)+" "+v[1].(string)), 100_000, 16)
		return hex.EncodeToString(key), err
	})
	return pulumi.ToSecret(sum).(pulumi.StringOutput)
}

// Fingerprint is the SHA-256 of a certificate's PEM text, in hexadecimal.
func Fingerprint(certificatePEM string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(certificatePEM)))
	return hex.EncodeToString(sum[:])
}
