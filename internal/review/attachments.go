package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// right is a permission that is given by name, and not by a document.
type right struct {
	// given lists what the inputs give, each as a text that a reviewer can read.
	given func(in map[string]any) []string
	// verb says what is done with it.
	verb string
}

// rights by type.
var rights = map[string]right{
	catalog.IAMRolePolicyAttachment:  {attached("role"), "attaches"},
	catalog.IAMUserPolicyAttachment:  {attached("user"), "attaches"},
	catalog.IAMGroupPolicyAttachment: {attached("group"), "attaches"},
	catalog.IAMPolicyAttachment:      {attached("roles", "users", "groups"), "attaches"},
	catalog.IAMRole:                  {listed("managedPolicyArns"), "attaches"},
	catalog.IAMInstanceProfile:       {pair("role", "", ""), "lets instances act as"},
	catalog.EKSPodIdentityAssociation: {func(in map[string]any) []string {
		return []string{"act as " + named(in["roleArn"]) + " to " + named(in["serviceAccount"]) + " in " + named(in["namespace"])}
	}, "lets pods"},
	catalog.EKSAccessPolicyAssociation: {func(in map[string]any) []string {
		scope, _ := in["accessScope"].(map[string]any)
		where := "the whole cluster"
		if scope["type"] == "namespace" {
			where = "the namespaces " + named(scope["namespaces"])
		}
		return []string{named(in["principalArn"]) + " " + named(in["policyArn"]) + " in " + where}
	}, "gives"},
	catalog.EKSAccessEntry: {func(in map[string]any) []string {
		var list []string
		for _, group := range texts(in["kubernetesGroups"]) {
			list = append(list, named(in["principalArn"])+" the group "+named(group)+" in Kubernetes")
		}
		return list
	}, "gives"},
	catalog.LambdaPermission: {pair("action", "principal", " to "), "gives"},
	catalog.KMSGrant: {func(in map[string]any) []string {
		var list []string
		for _, operation := range texts(in["operations"]) {
			list = append(list, named(operation)+" with "+named(in["keyId"])+" to "+named(in["granteePrincipal"]))
		}
		return list
	}, "gives"},
	catalog.AtlasDatabaseUser: {func(in map[string]any) []string {
		return items(in["roles"], func(role map[string]any) string {
			return named(role["roleName"]) + " on " + named(role["databaseName"]) + " to " + named(in["username"])
		})
	}, "gives"},
	catalog.KubernetesClusterRoleBinding: {bound, "binds"},
	catalog.KubernetesRoleBinding:        {bound, "binds"},
	catalog.KubernetesClusterRole:        {ruled, "allows"},
	catalog.KubernetesRole:               {ruled, "allows"},
}

// named quotes names.
func named(v any) string { return readable(texts(v)) }

func attached(holders ...string) func(map[string]any) []string {
	return func(in map[string]any) []string {
		var list []string
		for _, key := range holders {
			for _, name := range texts(in[key]) {
				list = append(list, named(in["policyArn"])+" to "+named(name))
			}
		}
		return list
	}
}

func listed(property string) func(map[string]any) []string {
	return func(in map[string]any) []string {
		var list []string
		for _, name := range texts(in[property]) {
			list = append(list, named(name))
		}
		return list
	}
}

func pair(property, other, between string) func(map[string]any) []string {
	return func(in map[string]any) []string {
		if in[property] == nil {
			return nil
		}
		return []string{join(named(in[property]), named(in[other]), between)}
	}
}

// items reads a list of objects.
func items(v any, read func(map[string]any) string) []string {
	list, _ := v.([]any)
	var found []string
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			found = append(found, read(m))
		}
	}
	return found
}

// bound reads whom a binding of Kubernetes gives which role.
func bound(in map[string]any) []string {
	role, _ := in["roleRef"].(map[string]any)
	return items(in["subjects"], func(s map[string]any) string {
		return named(role["kind"]) + " " + named(role["name"]) + " to " + named(s["kind"]) + " " + named(s["name"])
	})
}

// ruled multiplies the rules of a role of Kubernetes out.
func ruled(in map[string]any) []string {
	rules, _ := in["rules"].([]any)
	var found []string
	for _, r := range rules {
		rule, _ := r.(map[string]any)
		for _, verb := range texts(rule["verbs"]) {
			for _, what := range slices.Concat(texts(rule["resources"]), texts(rule["nonResourceURLs"])) {
				found = append(found, named(verb)+" on "+named(what))
			}
		}
	}
	return found
}

// among reports whether a right was there before. Who is replaced along with it is the same, though not known yet.
func among(had []string, text string) bool {
	start, _, unsure := strings.Cut(text, notYet)
	return slices.ContainsFunc(had, func(h string) bool { return h == text || unsure && start != "" && strings.HasPrefix(h, start) })
}

// attachments finds rights that are given by name and were not before, and bounds that are gone.
func attachments(c *Change) []Finding {
	before, after := c.before(), c.after()
	if after == nil {
		return nil
	}
	var parts []string
	always := false
	if r, known := rights[c.Type()]; known {
		had := r.given(before)
		for _, text := range r.given(after) {
			if !among(had, text) {
				parts = append(parts, r.verb+" "+text)
				always = always || strings.Contains(text, "/AdministratorAccess`") || strings.Contains(text, "`system:masters`")
			}
		}
	}
	const bound = "permissionsBoundary"
	if from, to := before[bound], after[bound]; from != nil && fmt.Sprint(from) != fmt.Sprint(to) {
		parts = append(parts, fmt.Sprintf("another bound of permissions, %s in place of %s", named(to), named(from)))
	}
	if len(parts) == 0 {
		return nil
	}
	f := newFinding(c, Permission)
	f.Text, f.NeedsApproval, f.always = some(parts), true, always
	return []Finding{f}
}
