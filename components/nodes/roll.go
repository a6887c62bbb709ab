package nodes

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	batchv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/batch/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	rbacv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/rbac/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/policy"
	"github.com/bpa-on-aws/platform/infra/problem"
)

//go:embed assets/roll.sh
var rollScript string

const (
	// rollNamespace is there before anything else is. What runs in it may have a priority that always finds a place.
	rollNamespace = "kube-system"
	rollAccount   = "bpa-roll"
	// handOver is the exit code of a pod that wants another one to go on.
	handOver = 75
	// perNode is how long a node may take: the limits of roll.sh, a look every ten seconds, and what the looks themselves take.
	perNode = 85 * time.Minute
	// nobody is the user that the job runs as.
	nobody = 65534
)

// RollArgs are the arguments of NewRoll.
type RollArgs struct {
	Account     account.Account
	ClusterName string
	Nodes       *Nodes
	// Image has bash, curl, jq and the AWS CLI.
	Image pulumi.StringInput
	// StackTag is a tag, key and value, of everything that the launch templates make.
	StackTag [2]string
	// After is what the job needs: nodes, the pod identity agent, the registry; and what must not change while a node is away.
	After []pulumi.Resource
}

// Roll is the component.
type Roll struct {
	pulumi.ResourceState

	// Ready is what must not change while a node is away, as a release, waits for.
	Ready []pulumi.Resource

	name string
	args *RollArgs
}

// NewRoll brings the nodes to the launch templates of their groups, one at a time, and fails where one does not come back:
// docs/decisions/0019. Where all are as their groups say, as after the first deployment, it ends in seconds.
func NewRoll(ctx *pulumi.Context, name string, args *RollArgs, opts ...pulumi.ResourceOption) (*Roll, error) {
	var p problem.List
	p.Require(args.Nodes != nil && len(args.Nodes.Groups) > 0, "Nodes", nil, "must be the nodes")
	p.Require(args.ClusterName != "", "ClusterName", nil, "must be the EKS cluster")
	p.Require(args.Image != nil, "Image", nil, "must be an image with bash, curl, jq and the AWS CLI")
	p.Require(args.StackTag[0] != "" && args.StackTag[1] != "", "StackTag", args.StackTag[0], "must be a tag of the stack")
	if err := p.Err("roll: "); err != nil {
		return nil, err
	}
	r := &Roll{name: name, args: args}
	if err := ctx.RegisterComponentResource("bpa:nodes:Roll", name, r, opts...); err != nil {
		return nil, fmt.Errorf("roll: %w", err)
	}
	role, err := r.newRole(ctx)
	if err != nil {
		return nil, fmt.Errorf("roll: role: %w", err)
	}
	rights, err := r.newAccount(ctx)
	if err != nil {
		return nil, fmt.Errorf("roll: service account: %w", err)
	}
	job, err := r.newJob(ctx, append(append(role, rights...), args.After...))
	if err != nil {
		return nil, fmt.Errorf("roll: job: %w", err)
	}
	r.Ready = []pulumi.Resource{job}
	return r, ctx.RegisterResourceOutputs(r, pulumi.Map{})
}

// newRole makes the role that EKS Pod Identity hands to the job, and returns what must exist before the job's pod does: EKS puts
// the credentials into a pod when it is made.
func (r *Roll) newRole(ctx *pulumi.Context) ([]pulumi.Resource, error) {
	role, err := iam.NewRole(ctx, r.name+"-role", &iam.RoleArgs{
		Description: pulumi.String("Replaces the nodes of " + r.args.ClusterName + ", one at a time"),
		AssumeRolePolicy: policy.Document(policy.Statement{
			Actions:    []string{"sts:AssumeRole", "sts:TagSession"},
			Principals: policy.Principals{Services: []string{"pods.eks.amazonaws.com"}},
		}),
	}, pulumi.Parent(r))
	if err != nil {
		return nil, err
	}
	allowed, err := iam.NewRolePolicy(ctx, r.name+"-permissions", &iam.RolePolicyArgs{
		Role: role.Name, Policy: r.permissions(),
	}, pulumi.Parent(r))
	if err != nil {
		return nil, err
	}
	identity, err := eks.NewPodIdentityAssociation(ctx, r.name+"-identity", &eks.PodIdentityAssociationArgs{
		ClusterName: pulumi.String(r.args.ClusterName), Namespace: pulumi.String(rollNamespace),
		ServiceAccount: pulumi.String(rollAccount), RoleArn: role.Arn,
	}, pulumi.Parent(r), pulumi.DependsOn([]pulumi.Resource{r.args.Nodes.args.Cluster}))
	return []pulumi.Resource{allowed, identity}, err
}

// permissions: the job ends instances in groups of this cluster, and tags what is this stack's. What looks cannot be limited.
// Source: Service Authorization Reference, Amazon EC2 Auto Scaling and Amazon EC2.
func (r *Roll) permissions() pulumi.StringOutput {
	arn := func(service, resource string) pulumi.StringInput {
		return pulumi.String(r.args.Account.ARN(service, resource))
	}
	return policy.Document(
		policy.Statement{
			Sid: "Look", Resources: []pulumi.StringInput{pulumi.String("*")}, Actions: []string{
				"autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeScalingActivities", "ec2:DescribeInstances",
				"ec2:DescribeLaunchTemplateVersions",
			},
		},
		policy.Statement{
			Sid: "Replace", Actions: []string{"autoscaling:TerminateInstanceInAutoScalingGroup"},
			Resources: []pulumi.StringInput{arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*")},
			Conditions: map[string]map[string]pulumi.StringInput{"StringEquals": {
				"autoscaling:ResourceTag/kubernetes.io/cluster/" + r.args.ClusterName: pulumi.String("owned"),
			}},
		},
		policy.Statement{
			Sid: "Tag", Actions: []string{"ec2:CreateTags", "ec2:DeleteTags"},
			Resources: []pulumi.StringInput{arn("ec2", "instance/*"), arn("ec2", "network-interface/*"), arn("ec2", "volume/*")},
			Conditions: map[string]map[string]pulumi.StringInput{"StringEquals": {
				"aws:ResourceTag/" + r.args.StackTag[0]: pulumi.String(r.args.StackTag[1]),
			}},
		},
	)
}

// newAccount lets the job look at nodes and pods, cordon nodes and evict pods.
func (r *Roll) newAccount(ctx *pulumi.Context) ([]pulumi.Resource, error) {
	user, err := corev1.NewServiceAccount(ctx, r.name+"-account", &corev1.ServiceAccountArgs{
		Metadata: &metav1.ObjectMetaArgs{Namespace: pulumi.String(rollNamespace), Name: pulumi.String(rollAccount)},
	}, pulumi.Parent(r))
	if err != nil {
		return nil, err
	}
	rule := func(resource string, verbs ...string) *rbacv1.PolicyRuleArgs {
		return &rbacv1.PolicyRuleArgs{
			ApiGroups: pulumi.StringArray{
				pulumi.String(""),
			},
			Resources: pulumi.ToStringArray([]string{resource}),
			Verbs:     pulumi.ToStringArray(verbs),
		}
	}
	named := &metav1.ObjectMetaArgs{Name: pulumi.String(rollAccount)}
	rights, err := rbacv1.NewClusterRole(ctx, r.name+"-rights", &rbacv1.ClusterRoleArgs{
		Metadata: named,
		Rules:    rbacv1.PolicyRuleArray{rule("nodes", "list", "patch"), rule("pods", "list"), rule("pods/eviction", "create")},
	}, pulumi.Parent(r))
	if err != nil {
		return nil, err
	}
	binding, err := rbacv1.NewClusterRoleBinding(ctx, r.name+"-rights", &rbacv1.ClusterRoleBindingArgs{
		Metadata: named,
		RoleRef: &rbacv1.RoleRefArgs{
			ApiGroup: pulumi.String("rbac.authorization.k8s.io"), Kind: pulumi.String("ClusterRole"), Name: rights.Metadata.Name().Elem(),
		},
		Subjects: rbacv1.SubjectArray{&rbacv1.SubjectArgs{
			Kind: pulumi.String("ServiceAccount"), Namespace: pulumi.String(rollNamespace), Name: pulumi.String(rollAccount),
		}},
	}, pulumi.Parent(r))
	return []pulumi.Resource{user, binding}, err
}

// environment is what the script reads. A new version of a launch template makes another job of it.
func (r *Roll) environment() corev1.EnvVarArray {
	var nodes, versions pulumi.StringArray
	for _, group := range r.args.Nodes.Groups {
		nodes = append(nodes, pulumi.Sprintf("%s %s", group.Name, group.AutoScalingGroupName))
		versions = append(versions, pulumi.Sprintf("%s %s", group.Name, group.templateVersion))
	}
	field := func(name, path string) *corev1.EnvVarArgs {
		return &corev1.EnvVarArgs{Name: pulumi.String(name), ValueFrom: &corev1.EnvVarSourceArgs{
			FieldRef: &corev1.ObjectFieldSelectorArgs{FieldPath: pulumi.String(path)},
		}}
	}
	value := func(name string, v pulumi.StringInput) *corev1.EnvVarArgs {
		return &corev1.EnvVarArgs{Name: pulumi.String(name), Value: v.ToStringOutput().ToStringPtrOutput()}
	}
	return corev1.EnvVarArray{
		value("NODES", lines(nodes)), value("VERSIONS", lines(versions)), value("AWS_DEFAULT_REGION", pulumi.String(r.args.Account.Region)),
		value("HOME", pulumi.String("/tmp")), field("POD", "metadata.name"), field("HOST", "spec.nodeName"),
	}
}

func lines(list pulumi.StringArray) pulumi.StringOutput {
	return list.ToStringArrayOutput().ApplyT(func(v []string) string { return strings.Join(v, "\n") }).(pulumi.StringOutput)
}

// newJob runs the script. The next `up` makes a job anew that has failed: without the annotation the provider would only await the
// old one again. A failure of the script is the job's, at once; a pod that hands over, or goes with its node, is none. FailJob would
// not do instead of the limit: the provider awaits such a job until its timeout. Source: pulumi-kubernetes v4.23.0,
// provider/pkg/provider/provider.go Diff, provider/pkg/await/checker/job/check.go.
func (r *Roll) newJob(ctx *pulumi.Context, after []pulumi.Resource) (*batchv1.Job, error) {
	place := &metav1.ObjectMetaArgs{Namespace: pulumi.String(rollNamespace)}
	script, err := corev1.NewConfigMap(ctx, r.name+"-script", &corev1.ConfigMapArgs{
		Immutable: pulumi.Bool(true), Metadata: place, Data: pulumi.StringMap{"roll.sh": pulumi.String(rollScript)},
	}, pulumi.Parent(r))
	if err != nil {
		return nil, err
	}
	deadline := perNode * time.Duration(len(r.args.Nodes.Groups))
	timeout := fmt.Sprintf("%ds", int((deadline + time.Minute).Seconds()))
	ignored := func(rule *batchv1.PodFailurePolicyRuleArgs) *batchv1.PodFailurePolicyRuleArgs {
		rule.Action = pulumi.String("Ignore")
		return rule
	}
	return batchv1.NewJob(ctx, r.name+"-job", &batchv1.JobArgs{
		Metadata: &metav1.ObjectMetaArgs{
			Namespace: pulumi.String(rollNamespace), Annotations: pulumi.StringMap{"pulumi.com/replaceUnready": pulumi.String("true")},
		},
		Spec: &batchv1.JobSpecArgs{
			BackoffLimit: pulumi.Int(0), ActiveDeadlineSeconds: pulumi.Int(int(deadline.Seconds())),
			PodFailurePolicy: &batchv1.PodFailurePolicyArgs{Rules: batchv1.PodFailurePolicyRuleArray{
				ignored(&batchv1.PodFailurePolicyRuleArgs{OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirementArgs{
					Operator: pulumi.String("In"), Values: pulumi.IntArray{pulumi.Int(handOver)},
				}}),
				ignored(&batchv1.PodFailurePolicyRuleArgs{OnPodConditions: batchv1.PodFailurePolicyOnPodConditionsPatternArray{
					&batchv1.PodFailurePolicyOnPodConditionsPatternArgs{
						Type:   pulumi.String("DisruptionTarget"),
						Status: pulumi.String("True"),
					},
				}}),
			}},
			Template: &corev1.PodTemplateSpecArgs{Spec: r.pod(script)},
		},
	}, pulumi.Parent(r), pulumi.DependsOn(after),
		pulumi.Timeouts(&pulumi.CustomTimeouts{Create: timeout, Update: timeout}))
}

// pod is what the job runs: it must find a place while a node is away, so it has the priority of what a cluster cannot do without.
func (r *Roll) pod(script *corev1.ConfigMap) *corev1.PodSpecArgs {
	mount := func(name, path string, readOnly bool) *corev1.VolumeMountArgs {
		return &corev1.VolumeMountArgs{Name: pulumi.String(name), MountPath: pulumi.String(path), ReadOnly: pulumi.Bool(readOnly)}
	}
	return &corev1.PodSpecArgs{
		RestartPolicy: pulumi.String("Never"), ServiceAccountName: pulumi.String(rollAccount),
		PriorityClassName: pulumi.String("system-cluster-critical"),
		SecurityContext: &corev1.PodSecurityContextArgs{
			RunAsNonRoot: pulumi.Bool(true), RunAsUser: pulumi.Int(nobody), RunAsGroup: pulumi.Int(nobody), FsGroup: pulumi.Int(nobody),
			SeccompProfile: &corev1.SeccompProfileArgs{Type: pulumi.String("RuntimeDefault")},
		},
		Containers: corev1.ContainerArray{&corev1.ContainerArgs{
			Name: pulumi.String("roll"), Image: r.args.Image.ToStringOutput().ToStringPtrOutput(),
			Command: pulumi.ToStringArray([]string{"bash", "/roll/roll.sh"}), Env: r.environment(),
			SecurityContext: &corev1.SecurityContextArgs{
				AllowPrivilegeEscalation: pulumi.Bool(false), ReadOnlyRootFilesystem: pulumi.Bool(true),
				Capabilities: &corev1.CapabilitiesArgs{Drop: pulumi.StringArray{pulumi.String("ALL")}},
			},
			Resources: &corev1.ResourceRequirementsArgs{
				Requests: pulumi.StringMap{"cpu": pulumi.String("50m"), "memory": pulumi.String("128Mi")},
				Limits:   pulumi.StringMap{"memory": pulumi.String("512Mi")},
			},
			VolumeMounts: corev1.VolumeMountArray{mount("script", "/roll", true), mount("tmp", "/tmp", false)},
		}},
		Volumes: corev1.VolumeArray{
			&corev1.VolumeArgs{
				Name: pulumi.String("script"), ConfigMap: &corev1.ConfigMapVolumeSourceArgs{Name: script.Metadata.Name()},
			},
			&corev1.VolumeArgs{Name: pulumi.String("tmp"), EmptyDir: &corev1.EmptyDirVolumeSourceArgs{}},
		},
	}
}
