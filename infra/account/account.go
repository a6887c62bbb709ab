// Package account says where a stack is deployed: the facts of an AWS account and region that every component needs
// and none should look up for itself.
package account

import (
	"fmt"
	"strings"
)

// Account is an AWS account and region. All fields are set.
type Account struct {
	// ID has 12 digits.
	ID string
	// Region such as us-west-2.
	Region string
	// Partition is aws, aws-cn or aws-us-gov.
	Partition string
	// DNSSuffix is amazonaws.com, or amazonaws.com.cn in aws-cn.
	DNSSuffix string
}

// ARN returns arn:<partition>:<service>:<region>:<account>:<resource>.
func (a Account) ARN(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", a.Partition, service, a.Region, a.ID, resource)
}

// GlobalARN returns the ARN of a resource without region, such as an IAM role: arn:<partition>:<service>::<account>:<resource>.
func (a Account) GlobalARN(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s::%s:%s", a.Partition, service, a.ID, resource)
}

// ManagedPolicy returns the ARN of an AWS-managed IAM policy.
func (a Account) ManagedPolicy(name string) string {
	return fmt.Sprintf("arn:%s:iam::aws:policy/%s", a.Partition, name)
}

// Root returns the ARN of the account itself, for key and bucket policies.
func (a Account) Root() string { return a.GlobalARN("iam", "root") }

// Of returns an account in a region, whose partition its name tells.
func Of(id, region string) Account {
	a := Account{ID: id, Region: region, Partition: "aws", DNSSuffix: "amazonaws.com"}
	switch {
	case strings.HasPrefix(region, "cn-"):
		a.Partition, a.DNSSuffix = "aws-cn", "amazonaws.com.cn"
	case strings.HasPrefix(region, "us-gov-"):
		a.Partition = "aws-us-gov"
	}
	return a
}

// RegistryHost returns the host of the account's ECR: <account>.dkr.ecr.<region>.amazonaws.com.
func (a Account) RegistryHost() string {
	return fmt.Sprintf("%s.dkr.ecr.%s.%s", a.ID, a.Region, a.DNSSuffix)
}
