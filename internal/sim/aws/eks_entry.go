package aws

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// entries say who may enter a cluster.
var entries = provider.Code{
	catalog.EKSAccessEntry: {
		Check: clusterExists, Outputs: accessEntryOutputs,
		Values: []provider.Value{oneOf("type", "STANDARD EC2_LINUX EC2_WINDOWS FARGATE_LINUX EC2 HYBRID_LINUX HYPERPOD_LINUX")},
		Rules: []provider.Rule{
			{Code: "InvalidRequestException", Source: eksAPI, OnCreate: true, Fails: accessMode},
			{
				Code: "InvalidParameterException", Source: issue("hashicorp/terraform-provider-aws", 36447), OnCreate: true,
				Fails: serviceLinked,
			},
			{
				// The provider tries for two minutes, as a role that was just made is not known everywhere at once.
				Code: "InvalidParameterException", Source: issue("terraform-aws-modules/terraform-aws-eks", 2969), OnCreate: true,
				Takes: 2 * time.Minute, Fails: principalExists,
			},
			{
				Code: "ResourceInUseException", Source: issue("terraform-aws-modules/terraform-aws-eks", 2968), OnCreate: true,
				Fails: entryTaken,
			},
		},
	},
	catalog.EKSAccessPolicyAssociation: {
		Check:  clusterExists,
		Values: []provider.Value{oneOf("accessScope.type", "cluster namespace")},
		Rules: []provider.Rule{
			{
				Code: "InvalidParameterException", Source: "docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html",
				Fails: policyKnown,
			},
			{
				Code: "ResourceNotFoundException", Source: issue("terraform-aws-modules/terraform-aws-eks", 3024), OnCreate: true,
				Takes: 2 * time.Minute, Fails: entryExists,
			},
		},
	},
}

func accessEntryOutputs(r *provider.Request) map[string]any {
	return map[string]any{"accessEntryArn": r.Kept("accessEntryArn", func() any {
		kind, name, _ := strings.Cut(principalName(r.Str("principalArn")), "/")
		return arn(r, "eks", fmt.Sprintf("access-entry/%s/%s/%s/%s/%s", r.Str("clusterName"), kind, account(r), path.Base(name), r.UUID()))
	})}
}

// principalName is role/path/name or user/path/name of a principal's ARN.
func principalName(principal string) string { return principal[strings.LastIndex(principal, ":")+1:] }

func accessMode(r *provider.Request) string {
	cluster := r.Store.Get(catalog.EKSCluster, r.Str("clusterName"))
	if cluster == nil || !hasEntries(cluster.Inputs) {
		return "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation."
	}
	return ""
}

// hasEntries reports whether a cluster has access entries.
func hasEntries(cluster map[string]any) bool {
	mode := text(cluster, "accessConfig", "authenticationMode")
	return mode == "API" || mode == "API_AND_CONFIG_MAP"
}

func serviceLinked(r *provider.Request) string {
	if strings.Contains(r.Str("principalArn"), ":role/aws-service-role/") {
		return "The caller is not allowed to modify access entries with a principalArn value of a Service Linked Role"
	}
	return ""
}

// principalExists: EKS looks the principal up, by its whole ARN. Of other accounts nothing is known here.
func principalExists(r *provider.Request) string {
	principal := r.Str("principalArn")
	if !strings.HasPrefix(principal, globalARN(r, "")) || principal == caller(r) || r.Store.Exists(principal) {
		return ""
	}
	return "The specified principalArn is invalid: invalid principal."
}

// entryTaken: a principal has one entry in a cluster, and that of who made the cluster is there from the start.
func entryTaken(r *provider.Request) string {
	if r.Store.Get(catalog.EKSAccessEntry, entryID(r.Str("clusterName"), r.Str("principalArn"))) != nil {
		return "The specified access entry resource is already in use on this cluster."
	}
	return ""
}

func entryExists(r *provider.Request) string {
	if r.Store.Get(catalog.EKSAccessEntry, entryID(r.Str("clusterName"), r.Str("principalArn"))) == nil {
		return "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'."
	}
	return ""
}

func entryID(cluster, principal string) string { return cluster + ":" + principal }

var accessPolicy = regexp.MustCompile(`^arn:aws[a-z-]*:eks::aws:cluster-access-policy/AmazonEKS\w+Policy$`)

func policyKnown(r *provider.Request) string {
	if !accessPolicy.MatchString(r.Str("policyArn")) {
		return "The policyArn parameter format is not valid"
	}
	if text(r.Inputs, "accessScope", "type") == "cluster" && len(texts(at(r.Inputs, "accessScope", "namespaces"))) > 0 {
		return "The namespaces parameter is not allowed with an access scope of type cluster"
	}
	return ""
}

// rehearser is who runs a rehearsal, where the program assumes no role.
const rehearser = "user/rehearsal"

// caller is the principal that asks: the role that the provider assumes, or who runs the rehearsal.
func caller(r *provider.Request) string {
	if role := text(r.Config, "assumeRole", "roleArn"); role != "" {
		return role
	}
	return globalARN(r, rehearser)
}

// session is the caller as STS names it: of a role its session, without the role's path.
func session(r *provider.Request) string {
	if role := text(r.Config, "assumeRole", "roleArn"); role != "" {
		return fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/rehearsal", partition(region(r)), account(r), path.Base(role))
	}
	return caller(r)
}

// admitCreator gives who makes a cluster an entry, which no stack manages and which carries none of its tags.
// Source: EKS API reference, CreateAccessConfigRequest, bootstrapClusterCreatorAdminPermissions.
func admitCreator(r *provider.Request) {
	if !hasEntries(r.Inputs) || !bootstraps(r.Inputs) {
		return
	}
	r.Store.Leave(&provider.Resource{
		Package: r.Package, Type: catalog.EKSAccessEntry, Name: "made by EKS", ID: entryID(r.Str("name"), caller(r)),
		Inputs: map[string]any{"clusterName": r.Str("name"), "principalArn": caller(r), "type": "STANDARD"},
	})
}

// bootstraps reports whether who makes a cluster becomes its administrator, as is so unless it is said otherwise.
func bootstraps(cluster map[string]any) bool {
	return at(cluster, "accessConfig", "bootstrapClusterCreatorAdminPermissions") != false
}

// forgetCreator: the entries of a cluster go with it.
func forgetCreator(r *provider.Request) {
	if entry := creatorsEntry(r.Store, r.Str("name")); entry != nil {
		r.Store.Remove(entry)
	}
}

func creatorsEntry(store *provider.View, cluster string) *provider.Resource {
	return store.Find(catalog.EKSAccessEntry, func(e *provider.Resource) bool {
		return e.URN == "" && e.Inputs["clusterName"] == cluster
	})
}

// Admits reports whether a cluster lets a role in, or with "" who runs the rehearsal. Of a cluster outside the stack nothing is
// known, and of one that was taken over not who made it.
func Admits(store *provider.View, cluster, role string) bool {
	made := store.Get(catalog.EKSCluster, cluster)
	if made == nil || !hasEntries(made.Inputs) || bootstraps(made.Inputs) && creatorsEntry(store, cluster) == nil {
		return true
	}
	if role == "" {
		parts := strings.Split(text(made.Outputs, "arn"), ":") // arn:aws:eks:us-west-2:111122223333:cluster/name
		role = fmt.Sprintf("arn:%s:iam::%s:%s", parts[1], parts[4], rehearser)
	}
	return store.Get(catalog.EKSAccessEntry, entryID(cluster, role)) != nil
}

// getSessionContext finds the role of a session, with its path.
func getSessionContext(r *provider.Request) (map[string]any, error) {
	issuer := r.Str("arn")
	if issuer == session(r) {
		issuer = caller(r)
	}
	return map[string]any{"id": r.Str("arn"), "arn": r.Str("arn"), "issuerArn": issuer, "issuerName": path.Base(issuer)}, nil
}

func getClusters(r *provider.Request) (map[string]any, error) {
	names := []any{}
	for _, cluster := range r.Store.All(catalog.EKSCluster) {
		names = append(names, cluster.ID)
	}
	return map[string]any{"id": region(r), "names": names}, nil
}

// getAccessEntry answers in the provider's words where there is none: terraform-provider-aws, findAccessEntryByTwoPartKey.
func getAccessEntry(r *provider.Request) (map[string]any, error) {
	cluster, principal := r.Str("clusterName"), r.Str("principalArn")
	tags := map[string]any{}
	if entry := r.Store.Get(catalog.EKSAccessEntry, entryID(cluster, principal)); entry != nil {
		if given, ok := entry.Outputs["tagsAll"].(map[string]any); ok {
			tags = given
		}
	} else if !Admits(r.Store, cluster, principal) {
		return nil, fmt.Errorf("reading EKS Access Entry (%s): couldn't find resource", entryID(cluster, principal))
	}
	return map[string]any{
		"id": entryID(cluster, principal), "clusterName": cluster, "principalArn": principal, "type": "STANDARD", "tags": tags,
	}, nil
}
