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
	"github.com/bpa-on-aws/platform/infra/rdsca"
)

var (
	//go:embed assets/bootstrap.sh
	bootstrapScript string
	//go:embed assets/bootstrap.sql
	bootstrapSQL string
	//go:embed assets/retire.sql
	retireSQL string
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

	name   string
	args   *BootstrapArgs
	place  *metav1.ObjectMetaArgs
	script *corev1.ConfigMap
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
	b.place = &metav1.ObjectMetaArgs{Namespace: namespace.Metadata.Name()}
	files := pulumi.StringMap{
		"bootstrap.sh": pulumi.String(
			bootstrapScript,
		),
		"bootstrap.sql": pulumi.String(bootstrapSQL),
		"retire.sql":    pulumi.String(retireSQL),
	}
	if args.Database.Roots != "" {
		files[rootsFile] = pulumi.String(args.Database.Roots)
	} else if err := ctx.Log.Warn(noRoots, nil); err != nil {
		return nil, err
	}
	b.script, err = corev1.NewConfigMap(ctx, name+"-script", &corev1.ConfigMapArgs{
		Immutable: pulumi.Bool(true), Metadata: b.place, Data: files,
	}, pulumi.Parent(b))
	if err != nil {
		return nil, fmt.Errorf("bootstrap: script: %w", err)
	}
	job, err := b.newJob(ctx, name, "bootstrap", b.environment(), b, append([]pulumi.Resource{args.Database.instance}, args.After...))
	if err != nil {
		return nil, fmt.Errorf("bootstrap: %w", err)
	}
	b.Ready = []pulumi.Resource{job}
	return b, ctx.RegisterResourceOutputs(b, pulumi.Map{})
}

// connection is what every job reads. The server must prove by its certificate that it is the one that was asked for, where the
// roots of its region are known; elsewhere the connection is encrypted alone.
func (b *Bootstrap) connection() pulumi.StringMap {
	db := b.args.Database
	env := pulumi.StringMap{
		"PGHOST": db.Endpoint, "PGPORT": pulumi.String(strconv.Itoa(db.Port)), "PGUSER": pulumi.String(db.MasterUsername),
		"PGPASSWORD": db.MasterPassword, "PGSSLMODE": pulumi.String("require"), "LOGINS": pulumi.String(strconv.Itoa(len(db.Logins))),
	}
	if db.Roots != "" {
		env["PGSSLMODE"], env["PGSSLROOTCERT"] = pulumi.String("verify-full"), pulumi.String("/bootstrap/"+rootsFile)
	}
	return env
}

// noRoots is said where the server cannot be verified.
const noRoots = "the roots of RDS's certificates in this region are not known to this version of the program, of " + rdsca.Dated +
	": connections to PostgreSQL are encrypted, and the server is not verified"

// rootsFile holds the roots of RDS's certificates, beside the script.
const rootsFile = "rds-roots.crt"

// environment is what the script reads to make databases and roles.
func (b *Bootstrap) environment() pulumi.StringMap {
	env := b.connection()
	for i, login := range b.args.Database.Logins {
		n := strconv.Itoa(i)
		env["ROLE_"+n], env["DATABASE_"+n] = pulumi.String(login.Role), pulumi.String(login.Database)
		env["USER_"+n], env["PASSWORD_"+n] = pulumi.String(login.User), login.Password
	}
	return env
}

// deadline is how long the job may take, retries included, in seconds: a server that was just made may take a while to let the
// new master password in.
const deadline = 1200

// newJob runs the script's task with an environment of its own, after what it needs.
func (b *Bootstrap) newJob(
	ctx *pulumi.Context, name, task string, environment pulumi.StringMap, parent pulumi.Resource, after []pulumi.Resource,
) (*batchv1.Job, error) {
	credentials, err := corev1.NewSecret(ctx, name+"-credentials", &corev1.SecretArgs{
		Immutable: pulumi.Bool(true), Metadata: b.place, StringData: pulumi.ToSecret(environment).(pulumi.StringMapOutput),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	container := &corev1.ContainerArgs{
		Name:    pulumi.String("bootstrap"),
		Image:   b.args.Image,
		Command: pulumi.ToStringArray([]string{"bash", "/bootstrap/bootstrap.sh", task}),
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
	job, err := batchv1.NewJob(ctx, name+"-job", &batchv1.JobArgs{
		Metadata: &metav1.ObjectMetaArgs{
			Namespace: b.place.Namespace,
			// A job that has failed stays so, and without this every `up` would await it again: pulumi-kubernetes issue 856.
			Annotations: pulumi.StringMap{"pulumi.com/replaceUnready": pulumi.String("true")},
		},
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
					Name: pulumi.String("script"), ConfigMap: &corev1.ConfigMapVolumeSourceArgs{Name: b.script.Metadata.Name()},
				}},
			}},
		},
	}, pulumi.Parent(parent), pulumi.DependsOn(after),
		// The provider's own 10 minutes would give up on a job that is still trying.
		pulumi.Timeouts(&pulumi.CustomTimeouts{Create: fmt.Sprintf("%ds", deadline+60), Update: fmt.Sprintf("%ds", deadline+60)}))
	if err != nil {
		return nil, fmt.Errorf("job: %w", err)
	}
	return job, nil
}
