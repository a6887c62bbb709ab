package database

import (
	_ "embed"
	"fmt"
	"strconv"

	batchv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/batch/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/problem"
)

var (
	//go:embed assets/bootstrap.sh
	bootstrapScript string
	//go:embed assets/bootstrap.sql
	bootstrapSQL string
)

// BootstrapArgs are the arguments of NewBootstrap.
type BootstrapArgs struct {
	// Namespace is made for the job, apart from the application's: it holds the master password.
	Namespace string
	// Image has bash and psql 14 or later.
	Image    pulumi.StringInput
	Database *Database
	// After is what the job needs: nodes, DNS, the registry.
	After []pulumi.Resource
}

// Bootstrap is the component.
type Bootstrap struct {
	pulumi.ResourceState

	// Ready is what the application waits for.
	Ready []pulumi.Resource

	name string
	args *BootstrapArgs
}

// NewBootstrap makes databases and roles from inside the cluster (R10). Script and credentials are immutable objects: their
// names change with their content, and so a changed password is a new job.
func NewBootstrap(ctx *pulumi.Context, name string, args *BootstrapArgs, opts ...pulumi.ResourceOption) (*Bootstrap, error) {
	var p problem.List
	p.Require(args.Namespace != "", "Namespace", nil, "must be a Kubernetes name")
	p.Require(args.Image != nil, "Image", nil, "must be an image with psql")
	p.Require(args.Database != nil, "Database", nil, "must be the database")
	if err := p.Err("bootstrap: "); err != nil {
		return nil, err
	}
	b := &Bootstrap{name: name, args: args}
	if err := ctx.RegisterComponentResource("bpa:database:Bootstrap", name, b, opts...); err != nil {
		return nil, fmt.Errorf("bootstrap: %w", err)
	}
	// The namespace waits for the cluster to be usable; everything else is inside it.
	namespace, err := corev1.NewNamespace(ctx, name+"-namespace", &corev1.NamespaceArgs{
		Metadata: &metav1.ObjectMetaArgs{Name: pulumi.String(args.Namespace)},
	}, pulumi.Parent(b))
	if err != nil {
		return nil, fmt.Errorf("bootstrap: namespace: %w", err)
	}
	place := &metav1.ObjectMetaArgs{Namespace: namespace.Metadata.Name()}
	script, err := corev1.NewConfigMap(ctx, name+"-script", &corev1.ConfigMapArgs{
		Immutable: pulumi.Bool(true),
		Metadata:  place,
		Data:      pulumi.StringMap{"bootstrap.sh": pulumi.String(bootstrapScript), "bootstrap.sql": pulumi.String(bootstrapSQL)},
	}, pulumi.Parent(b))
	if err != nil {
		return nil, fmt.Errorf("bootstrap: script: %w", err)
	}
	credentials, err := corev1.NewSecret(ctx, name+"-credentials", &corev1.SecretArgs{
		Immutable: pulumi.Bool(true), Metadata: place, StringData: b.environment(),
	}, pulumi.Parent(b))
	if err != nil {
		return nil, fmt.Errorf("bootstrap: credentials: %w", err)
	}
	job, err := b.newJob(ctx, place, script, credentials)
	if err != nil {
		return nil, fmt.Errorf("bootstrap: job: %w", err)
	}
	b.Ready = []pulumi.Resource{job}
	return b, ctx.RegisterResourceOutputs(b, pulumi.Map{})
}

// environment is what the script reads. TLS is required, but the server's certificate is not verified: the image does
// not hold the bundle of RDS's authorities. The way to the server is the VPC's own.
func (b *Bootstrap) environment() pulumi.StringMapInput {
	db := b.args.Database
	env := pulumi.StringMap{
		"PGHOST": db.Endpoint, "PGPORT": pulumi.String(strconv.Itoa(db.Port)), "PGUSER": pulumi.String(db.MasterUsername),
		"PGPASSWORD": db.MasterPassword, "PGSSLMODE": pulumi.String("require"), "LOGINS": pulumi.String(strconv.Itoa(len(db.Logins))),
	}
	for i, login := range db.Logins {
		n := strconv.Itoa(i)
		env["ROLE_"+n], env["DATABASE_"+n], env["PASSWORD_"+n] = pulumi.String(login.Role), pulumi.String(login.Database), login.Password
	}
	return pulumi.ToSecret(env).(pulumi.StringMapOutput)
}

// deadline is how long the job may take, retries included, in seconds: a server that was just made may take a while to let the
// new master password in.
const deadline = 1200

func (b *Bootstrap) newJob(
	ctx *pulumi.Context,
	place *metav1.ObjectMetaArgs,
	script *corev1.ConfigMap,
	credentials *corev1.Secret,
) (*batchv1.Job, error) {
	container := &corev1.ContainerArgs{
		Name:    pulumi.String("bootstrap"),
		Image:   b.args.Image,
		Command: pulumi.StringArray{pulumi.String("bash"), pulumi.String("/bootstrap/bootstrap.sh")},
		EnvFrom: corev1.EnvFromSourceArray{
			&corev1.EnvFromSourceArgs{SecretRef: &corev1.SecretEnvSourceArgs{Name: credentials.Metadata.Name()}},
		},
		SecurityContext: &corev1.SecurityContextArgs{
			AllowPrivilegeEscalation: pulumi.Bool(false), ReadOnlyRootFilesystem: pulumi.Bool(true),
			Capabilities: &corev1.CapabilitiesArgs{Drop: pulumi.StringArray{pulumi.String("ALL")}},
		},
		Resources: &corev1.ResourceRequirementsArgs{
			Requests: pulumi.StringMap{"cpu": pulumi.String("50m"), "memory": pulumi.String("64Mi")},
			Limits:   pulumi.StringMap{"memory": pulumi.String("128Mi")},
		},
		VolumeMounts: corev1.VolumeMountArray{&corev1.VolumeMountArgs{
			Name: pulumi.String("script"), MountPath: pulumi.String("/bootstrap"), ReadOnly: pulumi.Bool(true),
		}},
	}
	return batchv1.NewJob(ctx, b.name+"-job", &batchv1.JobArgs{
		Metadata: place,
		Spec: &batchv1.JobSpecArgs{
			BackoffLimit: pulumi.Int(4), ActiveDeadlineSeconds: pulumi.Int(deadline),
			Template: &corev1.PodTemplateSpecArgs{Spec: &corev1.PodSpecArgs{
				RestartPolicy: pulumi.String("Never"), Containers: corev1.ContainerArray{container},
				AutomountServiceAccountToken: pulumi.Bool(false),
				SecurityContext: &corev1.PodSecurityContextArgs{
					// 999 is the user postgres of the image.
					RunAsNonRoot: pulumi.Bool(true), RunAsUser: pulumi.Int(999), RunAsGroup: pulumi.Int(999),
					SeccompProfile: &corev1.SeccompProfileArgs{Type: pulumi.String("RuntimeDefault")},
				},
				Volumes: corev1.VolumeArray{&corev1.VolumeArgs{
					Name: pulumi.String("script"), ConfigMap: &corev1.ConfigMapVolumeSourceArgs{Name: script.Metadata.Name()},
				}},
			}},
		},
	}, pulumi.Parent(b), pulumi.DependsOn(append([]pulumi.Resource{b.args.Database.instance}, b.args.After...)),
		// The provider's own 10 minutes would give up on a job that is still trying.
		pulumi.Timeouts(&pulumi.CustomTimeouts{Create: fmt.Sprintf("%ds", deadline+60), Update: fmt.Sprintf("%ds", deadline+60)}))
}
