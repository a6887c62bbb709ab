package catalog

import (
	"time"

	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// The types of kubernetes.
const (
	KubernetesDeployment            = "kubernetes:apps/v1:Deployment"
	KubernetesJob                   = "kubernetes:batch/v1:Job"
	KubernetesConfigMap             = "kubernetes:core/v1:ConfigMap"
	KubernetesNamespace             = "kubernetes:core/v1:Namespace"
	KubernetesPersistentVolume      = "kubernetes:core/v1:PersistentVolume"
	KubernetesPersistentVolumeClaim = "kubernetes:core/v1:PersistentVolumeClaim"
	KubernetesSecret                = "kubernetes:core/v1:Secret"
	KubernetesService               = "kubernetes:core/v1:Service"
	KubernetesServiceAccount        = "kubernetes:core/v1:ServiceAccount"
	HelmRelease                     = "kubernetes:helm.sh/v3:Release"
	KubernetesClusterRole           = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
	KubernetesClusterRoleBinding    = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
	KubernetesRole                  = "kubernetes:rbac.authorization.k8s.io/v1:Role"
	KubernetesRoleBinding           = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
	KubernetesStorageClass          = "kubernetes:storage.k8s.io/v1:StorageClass"
)

var kubernetesTypes = []Type{
	{
		Token:    KubernetesDeployment,
		Failures: []Failure{{Class: CreatedNotReady, Source: kubernetesCode + "await/deployment.go Await, provider/provider.go Create"}},
	},
	{
		Token: KubernetesJob,
		Identity: Identity{
			ImportID: form("{metadata.namespace}/{metadata.name}"),
			StateID:  form("{metadata.namespace}/{metadata.name}"),
			Listing:  Listing{"kubectl get jobs --all-namespaces --output json", "items"},
		},
		Loss: Loss{
			Again:  true,
			Unfelt: Always,
		},
		Waits: []Wait{
			{
				For: []string{RDSInstance, EKSNodeGroupV2Component, EKSAddon, ECRPullThroughCacheRule},
				Why: "it runs on a node, resolves a name, pulls an image",
			},
			{
				For: []string{IAMRolePolicy, EKSPodIdentityAssociation, KubernetesServiceAccount, KubernetesClusterRoleBinding},
				Why: "its pod has the rights of its service account from the start",
			},
			{For: []string{HelmRelease}, Why: "nobody may log in any more as who is retired"},
		},
		Duration:   Duration{Create: 30 * time.Second, Delete: short, Source: Plan},
		Price:      Price{Free: onNodes},
		Simulation: Simulation{ID: AsRead},
		Failures:   []Failure{{Class: CreatedNotReady, Source: kubernetesCode + "await/job.go Await, provider/provider.go Create"}},
		None:       none(quiet, closed, plain),
	},
	{
		Token: KubernetesConfigMap,
		Identity: Identity{
			ImportID: form("{metadata.namespace}/{metadata.name}"),
			StateID:  form("{metadata.namespace}/{metadata.name}"),
			Listing:  Listing{"kubectl get configmaps --all-namespaces --output json", "items"},
		},
		Loss: Loss{
			Downtime: "pods that start in between fail",
			Unfelt:   CreatedFirst,
		},
		Price:      Price{Free: onNodes},
		Simulation: Simulation{ID: AsRead},
		Failures:   []Failure{{Class: Atomic, Source: kubernetesCode + "provider/provider.go Create: nothing to await"}},
		None:       none(quiet, closed, plain, instant),
	},
	{
		Token: KubernetesNamespace,
		Identity: Identity{
			ImportID: form("{metadata.name}"),
			StateID:  form("{metadata.name}"),
		},
		Loss: Loss{
			Stateful: true,
			Lost:     "every object in the namespace",
			Downtime: "what runs in the namespace is down until it is deployed again",
		},
		Price:      Price{Free: onNodes},
		Simulation: Simulation{ID: AsRead},
		Failures:   []Failure{{Class: Atomic, Source: kubernetesCode + "provider/provider.go Create: nothing to await"}},
		None:       none(quiet, closed, plain, instant),
	},
	{
		Token: KubernetesPersistentVolume,
		Loss: Loss{
			Stateful: true,
			Lost:     "what the volume holds, where its reclaim policy is Delete",
			Downtime: "the pods that use it are down",
		},
	},
	{
		Token: KubernetesPersistentVolumeClaim,
		Loss: Loss{
			Stateful: true,
			Lost:     "what the volume holds, where its reclaim policy is Delete",
			Downtime: "the pods that use it are down",
		},
	},
	{
		Token: KubernetesSecret,
		Identity: Identity{
			ImportID: form("{metadata.namespace}/{metadata.name}"),
			StateID:  form("{metadata.namespace}/{metadata.name}"),
			Listing:  Listing{"kubectl get secrets --all-namespaces --output json", "items"},
		},
		Loss: Loss{
			Downtime: "pods that start in between fail",
			Unfelt:   CreatedFirst,
		},
		Price:      Price{Free: onNodes},
		Simulation: Simulation{ID: AsRead, Secrets: []string{"data", "stringData"}, Replaces: []string{"type"}},
		Failures:   []Failure{{Class: Atomic, Source: kubernetesCode + "provider/provider.go Create: nothing to await"}},
		None:       none(quiet, closed, plain, instant, None{Credential: maskedInputs}),
	},
	{
		Token: KubernetesService,
		Identity: Identity{
			StateID: form("{metadata.namespace}/{metadata.name}"),
		},
		Exposes:    servicePorts,
		Simulation: Simulation{ID: AsRead},
		Failures:   []Failure{{Class: CreatedNotReady, Source: kubernetesCode + "await/service.go Await, provider/provider.go Create"}},
	},
	{
		Token: KubernetesServiceAccount,
		Identity: Identity{
			ImportID: form("{metadata.namespace}/{metadata.name}"),
			StateID:  form("{metadata.namespace}/{metadata.name}"),
		},
		Loss: Loss{
			Downtime: "pods that start in between fail",
			Unfelt:   CreatedFirst,
		},
		Price:      Price{Free: onNodes},
		Simulation: Simulation{ID: AsRead},
		Failures:   []Failure{{Class: Atomic, Source: kubernetesCode + "provider/provider.go Create: nothing to await"}},
		None:       none(quiet, closed, plain, instant),
	},
	{
		Token: HelmRelease,
		Identity: Identity{
			ImportID: form("{namespace}/{name}"),
			StateID:  form("{namespace}/{name}"),
		},
		Loss: Loss{
			Downtime: "BPA is down until the release is installed again",
		},
		Effects: []Effect{
			{Property: "values", Downtime: "pods whose template changes roll", Typical: 5 * time.Minute},
			{Property: "chart", Downtime: "pods whose template changes roll", Typical: 5 * time.Minute},
			{Property: "version", Downtime: "pods whose template changes roll", Typical: 5 * time.Minute},
		},
		Waits: []Wait{
			{
				For: []string{
					KubernetesJob, AtlasDatabaseUser, AtlasAdvancedCluster, EKSAddon, EKSNodeGroupV2Component, ECRRepository,
					ECRPullThroughCacheRule, KubernetesSecret,
				},
				Why: "BPA starts with its databases, images, nodes and secrets (R20)",
			},
			{For: []string{AtlasCloudBackupSnapshotRestoreJob}, Why: "BPA starts with the data that is restored"},
		},
		// 0.5-1 min
		Duration: Duration{Create: 45 * time.Second, Delete: 30 * time.Second, Source: Logs},
		Price:    Price{Rule: priceRelease},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 53, nil}, Required: []string{"chart"}, Replaces: []string{"name", "namespace"},
			Taken: "cannot re-use a name that is still in use",
		},
		Failures: []Failure{
			{Class: CreatedNotReady, Source: kubernetesCode + "provider/helm_release.go Create"},
			{
				Class:  DiesWithPlugin,
				Source: kubernetesCode + "provider/helm_release.go helmCreate: it runs Helm itself; a pending release blocks the next",
			},
		},
		None: none(closed, plain, None{
			Guards: noGuard, Refusals: noRefusal, Runs: "nobody publishes when the support of BPA's charts ends",
		}),
	},
	{
		Token: KubernetesClusterRole,
		Identity: Identity{
			ImportID: form("{metadata.name}"),
			StateID:  form("{metadata.name}"),
		},
		Loss: Loss{
			Downtime: "what needs the permissions is refused in between",
			Unfelt:   Deleted,
		},
		Rights:     Rights{Verb: "allows", Given: allows},
		Price:      Price{Free: onNodes},
		Simulation: Simulation{ID: AsRead},
		Failures:   []Failure{{Class: Atomic, Source: kubernetesCode + "provider/provider.go Create: nothing to await"}},
		None:       none(quiet, closed, instant, None{Credential: noCredential, Runs: noVersion}),
	},
	{
		Token: KubernetesClusterRoleBinding,
		Identity: Identity{
			ImportID: form("{metadata.name}"),
			StateID:  form("{metadata.name}"),
		},
		Loss: Loss{
			Downtime: "what needs the permissions is refused in between",
			Unfelt:   Deleted,
		},
		Rights:     Rights{Verb: "binds", Given: binds},
		Price:      Price{Free: onNodes},
		Simulation: Simulation{ID: AsRead, Replaces: []string{"roleRef"}},
		Failures:   []Failure{{Class: Atomic, Source: kubernetesCode + "provider/provider.go Create: nothing to await"}},
		None:       none(quiet, closed, instant, None{Credential: noCredential, Runs: noVersion}),
	},
	{
		Token:  KubernetesRole,
		Rights: Rights{Verb: "allows", Given: allows},
	},
	{
		Token:  KubernetesRoleBinding,
		Rights: Rights{Verb: "binds", Given: binds},
	},
	{
		Token: KubernetesStorageClass,
		Identity: Identity{
			ImportID: form("{metadata.name}"),
			StateID:  form("{metadata.name}"),
			Listing:  Listing{"kubectl get storageclasses --output json", "items"},
		},
		Loss:       Loss{Downtime: "a pod whose volume is asked for in between waits", Unfelt: CreatedFirst},
		Waits:      []Wait{{For: []string{EKSAddon}, Why: "the driver makes its volumes"}},
		Price:      Price{Free: "its volumes are paid for"},
		Simulation: Simulation{ID: AsRead, Replaces: []string{"provisioner", "parameters"}},
		Failures:   []Failure{{Class: Atomic, Source: kubernetesCode + "provider/provider.go Create: nothing to await"}},
		None:       none(quiet, closed, plain, None{Duration: atOnce}),
	},
}

// servicePorts reads a Service that has an address outside of the cluster.
func servicePorts(urn string, in map[string]any) []Opening {
	spec := property.Object(in, "spec")
	if spec["type"] != "LoadBalancer" {
		return nil
	}
	sources := spec["loadBalancerSourceRanges"]
	if sources == nil {
		sources = everybody
	}
	var found []Opening
	for _, p := range property.Objects(spec, "ports") {
		found = append(found, opens(urn, "a load balancer of Kubernetes", property.Int(p, "port"), sources)...)
	}
	return found
}

// priceRelease is free as far as it runs on the nodes. A chart may ask the cluster for volumes and load balancers of its own.
func priceRelease(p Pricing, _ *stackdoc.Resource) {
	p.Assume("the chart asks for no cloud resources: volumes and load balancers that it lets Kubernetes make are not seen here")
}
