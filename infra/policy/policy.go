// Package policy writes IAM policy documents from typed statements.
//
// Documents are plain data until they are rendered, so that a test can parse what AWS will parse, and two renderings
// of the same statements are byte-identical.
package policy

import (
	"encoding/json"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Statement is one statement of an IAM policy. Effect is "Allow" where it is empty.
type Statement struct {
	Sid        string
	Effect     string
	Principals Principals
	Actions    []string
	// Resources are ARNs or patterns. Leave it empty in a trust policy.
	Resources []pulumi.StringInput
	// Conditions by operator, then by key: {"StringEquals": {"aws:SourceAccount": …}}.
	Conditions map[string]map[string]pulumi.StringInput
}

// Principals says whom a resource policy speaks of. Its zero value leaves the principal out.
type Principals struct {
	// Everyone is Principal "*".
	Everyone bool
	// Services are service principals, such as ec2.amazonaws.com.
	Services []string
	// AWS are account, role or user ARNs.
	AWS []pulumi.StringInput
}

// Trust returns the trust policy of a role that the given services may assume.
func Trust(services ...string) pulumi.StringOutput {
	return Document(Statement{Actions: []string{"sts:AssumeRole"}, Principals: Principals{Services: services}})
}

// Document renders statements as an IAM policy document in JSON (version 2012-10-17).
func Document(statements ...Statement) pulumi.StringOutput {
	rendered := make(pulumi.Array, len(statements))
	for i, s := range statements {
		rendered[i] = s.input()
	}
	document := pulumi.Map{"Version": pulumi.String("2012-10-17"), "Statement": rendered}
	return document.ToMapOutput().ApplyT(func(v map[string]any) (string, error) {
		b, err := json.Marshal(v)
		return string(b), err
	}).(pulumi.StringOutput)
}

func (s Statement) input() pulumi.Map {
	effect := s.Effect
	if effect == "" {
		effect = "Allow"
	}
	m := pulumi.Map{"Effect": pulumi.String(effect), "Action": pulumi.ToStringArray(s.Actions)}
	if s.Sid != "" {
		m["Sid"] = pulumi.String(s.Sid)
	}
	if p := s.Principals.input(); p != nil {
		m["Principal"] = p
	}
	if len(s.Resources) > 0 {
		m["Resource"] = pulumi.StringArray(s.Resources)
	}
	if len(s.Conditions) > 0 {
		conditions := pulumi.Map{}
		for operator, keys := range s.Conditions {
			inner := pulumi.Map{}
			for key, value := range keys {
				inner[key] = value
			}
			conditions[operator] = inner
		}
		m["Condition"] = conditions
	}
	return m
}

func (p Principals) input() pulumi.Input {
	if p.Everyone {
		return pulumi.String("*")
	}
	m := pulumi.Map{}
	if len(p.Services) > 0 {
		m["Service"] = pulumi.ToStringArray(p.Services)
	}
	if len(p.AWS) > 0 {
		m["AWS"] = pulumi.StringArray(p.AWS)
	}
	if len(m) == 0 {
		return nil
	}
	return m
}

// TLSOnly denies whatever is asked of a bucket over plain HTTP.
func TLSOnly(bucketARN pulumi.StringInput) Statement {
	return Statement{
		Sid: "TLSOnly", Effect: "Deny", Principals: Principals{Everyone: true}, Actions: []string{"s3:*"},
		Resources:  []pulumi.StringInput{bucketARN, pulumi.Sprintf("%s/*", bucketARN)},
		Conditions: map[string]map[string]pulumi.StringInput{"Bool": {"aws:SecureTransport": pulumi.String("false")}},
	}
}
