package preflight_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/bpa-on-aws/platform/infra/config"
)

const clusterPath = "GET /clusters/bpa-dev"

// withCluster makes the cluster, whose entries are by principal those of a stack, or of none.
func withCluster(stacks map[string]string) func(*testing.T, *world) {
	return func(_ *testing.T, w *world) {
		answer := func(status int, text string) recording {
			return func([]byte, *http.Request) (int, string, string) { return status, "application/json", text }
		}
		w.proxy.recorded[clusterPath] = answer(http.StatusOK, `{"cluster":{"name":"bpa-dev","status":"ACTIVE"}}`)
		for _, principal := range append([]string{w.config.AWS.RoleARN, "arn:aws:sts::111122223333:user/moto"}, w.listed()...) {
			text := `{"__type":"ResourceNotFoundException","message":"The specified principalArn could not be found."}`
			w.proxy.recorded[clusterPath+"/access-entries/"+principal] = answer(http.StatusNotFound, text)
		}
		for principal, stack := range stacks {
			tags := "{}"
			if stack != "" {
				tags = fmt.Sprintf(`{"bpa:stack":%q}`, stack)
			}
			w.proxy.recorded[clusterPath+"/access-entries/"+principal] = answer(http.StatusOK,
				fmt.Sprintf(`{"accessEntry":{"clusterName":"bpa-dev","principalArn":%q,"tags":%s}}`, principal, tags))
		}
	}
}

// list lists principals of the account in the stack file.
func (w *world) list(principals ...string) {
	for _, p := range principals {
		w.config.Cluster.AccessEntries = append(w.config.Cluster.AccessEntries,
			config.AccessEntry{PrincipalARN: "arn:aws:iam::111122223333:" + p, Policy: "view"})
	}
}

func (w *world) listed() []string {
	var arns []string
	for _, e := range w.config.Cluster.AccessEntries {
		arns = append(arns, e.PrincipalARN)
	}
	return arns
}

// withRole makes a role, and lists principals.
func withRole(path, name string, principals ...string) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		must(iam.NewFromConfig(w.aws).CreateRole(ctx, &iam.CreateRoleInput{
			Path: &path, RoleName: &name, AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[]}`),
		}))(t)
		w.list(principals...)
	}
}

func TestPrincipalsMustExistAndTheDeployerBeLetIn(t *testing.T) {
	const check, ops, deployer = "access entries", "arn:aws:iam::111122223333:role/ops", "arn:aws:iam::111122223333:role/deployer"
	both := func(steps ...func(*testing.T, *world)) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			for _, step := range steps {
				step(t, w)
			}
		}
	}
	as := func(role string) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) { w.config.AWS.RoleARN = role }
	}
	try(t, []example{
		{"none listed", check, nil, passes, "all 0 exist"},
		{"a role that is there", check, withRole("/", "ops", "role/ops"), passes, "all 1 exist"},
		{"a role that is not there", check, func(_ *testing.T, w *world) { w.list("role/leavers") }, fails,
			"no arn:aws:iam::111122223333:role/leavers"},
		{"a user that is not there", check, func(_ *testing.T, w *world) { w.list("user/leaver") }, fails,
			"no arn:aws:iam::111122223333:user/leaver"},
		{"a role without its path", check, withRole("/team/", "ops", "role/ops"), fails, "is not the whole ARN"},
		{"who makes the cluster", check, both(as(deployer), withRole("/", "deployer", "role/deployer")), fails,
			"has an entry that is not of this stack"},
		{"who made the cluster", check, withCluster(map[string]string{"arn:aws:sts::111122223333:user/moto": ""}), passes, "is let in"},
		{"who made the cluster, listed", check,
			both(withRole("/", "ops", "role/ops"), as(ops), withCluster(map[string]string{ops: ""})), fails, "is not of this stack"},
		{"another person, listed", check,
			both(withRole("/", "ops", "role/ops"), as(ops), withCluster(map[string]string{ops: "bpa-dev"})), passes, "ops is let in"},
		{"another person", check, withCluster(nil), fails, "user/moto may not use the Kubernetes API of bpa-dev"},
		{"not to be seen", check, func(_ *testing.T, w *world) { w.proxy.denied[clusterPath] = true }, warns,
			"the caller may not eks:DescribeCluster"},
	})
}
