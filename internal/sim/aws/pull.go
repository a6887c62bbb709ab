package aws

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	registryname "github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/iamdoc"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// eksRegistries are the accounts that hold the images of EKS itself, where it is another than in most regions. Source: EKS user
// guide, "View Amazon container image registries for Amazon EKS add-ons", seen 2026-11-28.
var eksRegistries = map[string]string{
	"af-south-1": "877085696533", "ap-east-1": "800184023465", "ap-south-2": "900889452093", "ap-southeast-3": "296578399912",
	"ap-southeast-4": "491585149902", "ap-southeast-5": "151610086707", "ap-southeast-6": "333609536671",
	"ap-southeast-7": "121268973566", "cn-north-1": "918309763551", "cn-northwest-1": "961992271922",
}

const (
	eksRegistry = "602401143452"
	pullSource  = "docs.aws.amazon.com/eks/latest/userguide/add-ons-images.html"
)

// pulls are the actions that a pull takes beside the authorization token. Source: ECR user guide, "Using Amazon ECR with Amazon EKS".
var pulls = []string{"ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}

// managedPolicies are those of AWS that allow, on every resource, what is evaluated here. Source: AWS managed policy reference.
var managedPolicies = map[string][]string{
	"AmazonEC2ContainerRegistryPullOnly": pulls, "AmazonEC2ContainerRegistryReadOnly": pulls,
	"AmazonEC2ContainerRegistryPowerUser": pulls, "AmazonEC2ContainerRegistryFullAccess": {"ecr:*"}, "AdministratorAccess": {"*"},
	"CloudWatchAgentServerPolicy": {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"},
}

// ecrImage is an image in a private registry of ECR: account, region and repository.
var ecrImage = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^:@]+)`)

// PullProblem says which node cannot pull an image, or that the stack's registry lacks it, as kubelet says it, or "": images outside
// ECR need no right.
func PullProblem(r *provider.Request, image string) string {
	m := ecrImage.FindStringSubmatch(image)
	if m == nil {
		return ""
	}
	repository := fmt.Sprintf("arn:%s:ecr:%s:%s:repository/%s", partition(m[2]), m[2], m[1], m[3])
	for _, cluster := range r.Store.All(catalog.EKSCluster) {
		for _, group := range nodes(r, cluster.ID) {
			role := roleOf(r, group)
			if role == "" {
				continue // a role outside the stack
			}
			for _, action := range pulls {
				if !allowed(r, role, action, repository) {
					return fmt.Sprintf(
						"Failed to pull image %q: 403 Forbidden: role %s of node group %s is not authorized to perform: %s on resource: %s",
						image,
						role,
						group.ID,
						action,
						repository,
					)
				}
			}
		}
	}
	return missing(r, image, repository, m[3])
}

// missing says of an image in the stack's registry that it is not there, as containerd does, or "": its repository must be one of the
// stack's, or come through a cache. Where a registry stands in the place of ECR, the image must be in it. Of other accounts' registries
// nothing is known. Source: github.com/containerd/containerd core/remotes/docker/resolver.go, Resolve.
func missing(r *provider.Request, image, arn, name string) string {
	registry, _, _ := strings.Cut(arn, ":repository/")
	ours := r.Store.Find(catalog.ECRRepository, func(made *provider.Resource) bool {
		return strings.HasPrefix(text(made.Outputs, "arn"), registry+":")
	}) != nil
	cached := r.Store.Find(catalog.ECRPullThroughCacheRule, func(rule *provider.Resource) bool {
		return strings.HasPrefix(name, text(rule.Inputs, "ecrRepositoryPrefix")+"/")
	}) != nil
	if !ours || cached {
		return ""
	}
	const refused = "Failed to pull image %q: rpc error: code = NotFound desc = failed to pull and unpack image %q: failed to resolve " +
		"reference %q: %s: not found"
	there := r.Store.Get(catalog.ECRRepository, name) != nil
	if _, reference, _ := strings.Cut(image, "/"); there && r.Registry != "" {
		there = inRegistry(r.Registry + "/" + reference)
	}
	if there {
		return ""
	}
	return fmt.Sprintf(refused, image, image, image, image)
}

// inRegistry reports whether a registry has an image.
func inRegistry(image string) bool {
	reference, err := registryname.ParseReference(image)
	if err != nil {
		return false
	}
	_, err = remote.Head(reference)
	return err == nil
}

// roleOf is the role of a group's instances, "" where it is not of the stack.
func roleOf(r *provider.Request, group *provider.Resource) string {
	if arn := text(group.Inputs, "nodeRoleArn"); arn != "" {
		return path.Base(arn)
	}
	template := templateOf(r, group.Inputs)
	if template == nil {
		return ""
	}
	profile := text(template.Inputs, "iamInstanceProfile", "name")
	if arn := text(template.Inputs, "iamInstanceProfile", "arn"); profile == "" {
		profile = path.Base(arn)
	}
	if found := r.Store.Get(catalog.IAMInstanceProfile, profile); found != nil {
		return text(found.Inputs, "role")
	}
	return ""
}

// allowed evaluates the policies of a role of the stack, the deployer's conditions left aside. Of AWS's managed policies it knows
// those of managedPolicies.
func allowed(r *provider.Request, role, action, resource string) bool {
	granted := false
	for _, a := range r.Store.All(catalog.IAMRolePolicyAttachment) {
		managed := path.Base(text(a.Inputs, "policyArn"))
		granted = granted || text(a.Inputs, "role") == role && matches(managedPolicies[managed], action)
	}
	for _, p := range r.Store.All(catalog.IAMRolePolicy) {
		if text(p.Inputs, "role") != role {
			continue
		}
		list, err := iamdoc.Parse(text(p.Inputs, "policy"))
		if err != nil {
			continue // refused when it was made
		}
		for _, s := range list {
			if matches(iamdoc.Words(s.Action), action) && matches(iamdoc.Words(s.Resource), resource) {
				if s.Effect == "Deny" {
					return false
				}
				granted = true
			}
		}
	}
	return granted
}

// matches reports whether one of IAM's patterns, in which * also stands for slashes, covers a text.
func matches(patterns []string, text string) bool {
	flat := strings.NewReplacer("/", "\x00")
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(strings.ToLower(flat.Replace(p)), strings.ToLower(flat.Replace(text)))
		return ok && err == nil
	})
}

// addonImages: an add-on with pods is degraded until its nodes may pull its images, and the provider gives up on it.
func addonImages(r *provider.Request) string {
	name := r.Str("addonName")
	if len(nodes(r, r.Str("clusterName"))) == 0 {
		return ""
	}
	registry := eksRegistries[region(r)]
	if registry == "" {
		registry = eksRegistry
	}
	problem := PullProblem(
		r,
		fmt.Sprintf("%s.dkr.ecr.%s.%s/eks/%s:%s", registry, region(r), dnsSuffix(region(r)), name, r.Str("addonVersion")),
	)
	if problem == "" {
		return ""
	}
	return fmt.Sprintf("(%s:%s) create: timeout while waiting for state to become 'ACTIVE' (last state: 'DEGRADED', timeout: 20m0s): %s",
		r.Str("clusterName"), name, problem)
}
