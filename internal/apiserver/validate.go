package apiserver

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/apps"
	appsv1 "k8s.io/kubernetes/pkg/apis/apps/v1"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	autoscalingv2 "k8s.io/kubernetes/pkg/apis/autoscaling/v2"
	autoscalingvalidation "k8s.io/kubernetes/pkg/apis/autoscaling/validation"
	"k8s.io/kubernetes/pkg/apis/batch"
	batchv1 "k8s.io/kubernetes/pkg/apis/batch/v1"
	batchvalidation "k8s.io/kubernetes/pkg/apis/batch/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1 "k8s.io/kubernetes/pkg/apis/core/v1"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/networking"
	networkingv1 "k8s.io/kubernetes/pkg/apis/networking/v1"
	networkingvalidation "k8s.io/kubernetes/pkg/apis/networking/validation"
	"k8s.io/kubernetes/pkg/apis/policy"
	policyv1 "k8s.io/kubernetes/pkg/apis/policy/v1"
	policyvalidation "k8s.io/kubernetes/pkg/apis/policy/validation"
	"k8s.io/kubernetes/pkg/apis/rbac"
	rbacv1 "k8s.io/kubernetes/pkg/apis/rbac/v1"
	rbacvalidation "k8s.io/kubernetes/pkg/apis/rbac/validation"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	schedulingv1 "k8s.io/kubernetes/pkg/apis/scheduling/v1"
	schedulingvalidation "k8s.io/kubernetes/pkg/apis/scheduling/validation"
	"k8s.io/kubernetes/pkg/apis/storage"
	storagev1 "k8s.io/kubernetes/pkg/apis/storage/v1"
	storagevalidation "k8s.io/kubernetes/pkg/apis/storage/validation"
)

// inside is the scheme of an API server: the versions of objects with their defaults, and what they are converted to.
var inside = func() *runtime.Scheme {
	made := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		apps.AddToScheme, appsv1.AddToScheme, autoscaling.AddToScheme, autoscalingv2.AddToScheme, batch.AddToScheme, batchv1.AddToScheme,
		core.AddToScheme, corev1.AddToScheme, networking.AddToScheme, networkingv1.AddToScheme, policy.AddToScheme, policyv1.AddToScheme,
		rbac.AddToScheme, rbacv1.AddToScheme, scheduling.AddToScheme, schedulingv1.AddToScheme, storage.AddToScheme,
		storagev1.AddToScheme,
	} {
		if err := add(made); err != nil {
			panic(err)
		}
	}
	return made
}()

// validate gives an object its defaults and asks Kubernetes's validation of its kind, as its strategy in k8s.io/kubernetes
// pkg/registry does when the object is new. A kind without one here is taken as it is.
func validate(typed runtime.Object, id schema.GroupVersionKind) []Problem {
	if !inside.Recognizes(id) {
		return nil
	}
	inside.Default(typed)
	internal, err := inside.ConvertToVersion(typed, schema.GroupVersion{Group: id.Group, Version: runtime.APIVersionInternal})
	if err != nil {
		return []Problem{{Message: err.Error()}}
	}
	var all []Problem
	for _, e := range errorsOf(internal) {
		all = append(all, Problem{Path: e.Field, Message: e.ErrorBody()})
	}
	return all
}

func errorsOf(object runtime.Object) field.ErrorList {
	switch o := object.(type) {
	case *apps.Deployment:
		return appsvalidation.ValidateDeployment(o, template(&o.Spec.Template))
	case *apps.StatefulSet:
		return appsvalidation.ValidateStatefulSet(o, template(&o.Spec.Template))
	case *apps.DaemonSet:
		return appsvalidation.ValidateDaemonSet(o, template(&o.Spec.Template))
	case *apps.ReplicaSet:
		return appsvalidation.ValidateReplicaSet(o, template(&o.Spec.Template))
	case *batch.Job:
		return job(o)
	case *batch.CronJob:
		return batchvalidation.ValidateCronJobCreate(o, template(&o.Spec.JobTemplate.Spec.Template))
	case *networking.Ingress:
		return networkingvalidation.ValidateIngressCreate(o)
	case *networking.IngressClass:
		return networkingvalidation.ValidateIngressClass(o)
	case *networking.NetworkPolicy:
		return networkingvalidation.ValidateNetworkPolicy(o, networkingvalidation.NetworkPolicyValidationOptions{})
	case *policy.PodDisruptionBudget:
		return policyvalidation.ValidatePodDisruptionBudget(o, policyvalidation.PodDisruptionBudgetValidationOptions{})
	case *autoscaling.HorizontalPodAutoscaler:
		return autoscalingvalidation.ValidateHorizontalPodAutoscaler(o,
			autoscalingvalidation.HorizontalPodAutoscalerSpecValidationOptions{MinReplicasLowerBound: 1})
	case *storage.StorageClass:
		return storagevalidation.ValidateStorageClass(o)
	case *scheduling.PriorityClass:
		return schedulingvalidation.ValidatePriorityClass(o)
	}
	return append(coreErrors(object), rbacErrors(object)...)
}

func coreErrors(object runtime.Object) field.ErrorList {
	switch o := object.(type) {
	case *core.Service:
		return corevalidation.ValidateServiceCreate(o)
	case *core.ConfigMap:
		return corevalidation.ValidateConfigMap(o)
	case *core.Secret:
		return corevalidation.ValidateSecret(o)
	case *core.ServiceAccount:
		return corevalidation.ValidateServiceAccount(o)
	case *core.Namespace:
		return corevalidation.ValidateNamespace(o)
	case *core.Pod:
		return corevalidation.ValidatePodCreate(o, pod.GetValidationOptionsFromPodSpecAndMeta(&o.Spec, nil, &o.ObjectMeta, nil))
	case *core.PersistentVolume:
		return corevalidation.ValidatePersistentVolume(o, corevalidation.ValidationOptionsForPersistentVolume(o, nil))
	case *core.PersistentVolumeClaim:
		return corevalidation.ValidatePersistentVolumeClaim(o, corevalidation.ValidationOptionsForPersistentVolumeClaim(o, nil))
	case *core.LimitRange:
		return corevalidation.ValidateLimitRange(o)
	case *core.ResourceQuota:
		return corevalidation.ValidateResourceQuota(o)
	}
	return nil
}

func rbacErrors(object runtime.Object) field.ErrorList {
	switch o := object.(type) {
	case *rbac.Role:
		return rbacvalidation.ValidateRole(o)
	case *rbac.ClusterRole:
		return rbacvalidation.ValidateClusterRole(o, rbacvalidation.ClusterRoleValidationOptions{})
	case *rbac.RoleBinding:
		return rbacvalidation.ValidateRoleBinding(o)
	case *rbac.ClusterRoleBinding:
		return rbacvalidation.ValidateClusterRoleBinding(o)
	}
	return nil
}

func template(t *core.PodTemplateSpec) corevalidation.PodValidationOptions {
	return pod.GetValidationOptionsFromPodTemplate(t, nil)
}

// job validates a job with the selector that the API server makes. Source: pkg/registry/batch/job/strategy.go generateSelector.
func job(o *batch.Job) field.ErrorList {
	if o.Spec.ManualSelector == nil || !*o.Spec.ManualSelector {
		o.UID = "a-uid"
		labels := map[string]string{
			batch.LegacyJobNameLabel: o.Name, batch.JobNameLabel: o.Name,
			batch.LegacyControllerUidLabel: string(o.UID), batch.ControllerUidLabel: string(o.UID),
		}
		if o.Spec.Template.Labels == nil {
			o.Spec.Template.Labels = map[string]string{}
		}
		for key, value := range labels {
			if _, set := o.Spec.Template.Labels[key]; !set {
				o.Spec.Template.Labels[key] = value
			}
		}
		if o.Spec.Selector == nil {
			o.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{batch.ControllerUidLabel: string(o.UID)}}
		}
	}
	return batchvalidation.ValidateJob(o, batchvalidation.JobValidationOptions{
		PodValidationOptions: template(&o.Spec.Template), RequirePrefixedLabels: true,
	})
}
