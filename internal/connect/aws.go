package connect

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	ekstypes "github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/bpa-on-aws/platform/internal/assume"
)

// Stack says which stack the way leads to.
type Stack struct {
	// Name is the value of the tag bpa:stack, Cluster the EKS cluster's name.
	Name, Cluster, Region string
	// RoleARN is the role that the stack is deployed by, or "" for the caller's own credentials.
	RoleARN string
	// Endpoint replaces that of every service, for tests.
	Endpoint string
}

// account is a Cloud on AWS.
type account struct {
	stack       Stack
	credentials aws.CredentialsProvider
	ec2         *ec2.Client
	eks         *eks.Client
	ssm         *ssm.Client
}

// NewCloud finds the caller's credentials as the AWS CLI does.
func NewCloud(ctx context.Context, stack Stack) (Cloud, error) {
	load := []func(*awsconfig.LoadOptions) error{awsconfig.WithRegion(stack.Region)}
	if stack.Endpoint != "" {
		load = append(load, awsconfig.WithBaseEndpoint(stack.Endpoint))
	}
	c, err := awsconfig.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	c = assume.Role(c, stack.RoleARN, "bpactl-connect")
	return OnAccount(c, stack), nil
}

// OnAccount is a Cloud with a configuration of AWS's SDK that has the credentials of the stack's role already.
func OnAccount(c aws.Config, stack Stack) Cloud {
	return &account{
		stack: stack, credentials: c.Credentials, ec2: ec2.NewFromConfig(c), eks: eks.NewFromConfig(c), ssm: ssm.NewFromConfig(c),
	}
}

// Bastion implements Cloud: the instance that the program tags so.
func (a *account) Bastion(ctx context.Context) (string, error) {
	filter := func(name, value string) ec2types.Filter {
		return ec2types.Filter{Name: aws.String(name), Values: []string{value}}
	}
	found, err := a.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{Filters: []ec2types.Filter{
		filter("tag:bpa:stack", a.stack.Name), filter("tag:Name", "bastion"), filter("instance-state-name", "running"),
	}})
	if err != nil {
		return "", err
	}
	for _, r := range found.Reservations {
		for _, i := range r.Instances {
			return aws.ToString(i.InstanceId), nil
		}
	}
	return "", nil
}

// Online implements Cloud.
func (a *account) Online(ctx context.Context, instance string) (bool, error) {
	found, err := a.ssm.DescribeInstanceInformation(ctx, &ssm.DescribeInstanceInformationInput{
		Filters: []ssmtypes.InstanceInformationStringFilter{{Key: aws.String("InstanceIds"), Values: []string{instance}}},
	})
	if err != nil {
		return false, err
	}
	for _, i := range found.InstanceInformationList {
		return i.PingStatus == ssmtypes.PingStatusOnline, nil
	}
	return false, nil
}

// Endpoint implements Cloud. A cluster that is being created has none.
func (a *account) Endpoint(ctx context.Context) (string, error) {
	found, err := a.eks.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: aws.String(a.stack.Cluster)})
	var none *ekstypes.ResourceNotFoundException
	if errors.As(err, &none) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	endpoint, err := url.Parse(aws.ToString(found.Cluster.Endpoint))
	if err != nil || found.Cluster.Status != ekstypes.ClusterStatusActive && found.Cluster.Status != ekstypes.ClusterStatusUpdating {
		return "", err
	}
	return endpoint.Hostname(), nil
}

// Environment implements Cloud. Without a role, the CLI finds the caller's credentials as this program did.
func (a *account) Environment(ctx context.Context) ([]string, error) {
	if a.stack.RoleARN == "" {
		return nil, nil
	}
	c, err := a.credentials.Retrieve(ctx)
	return []string{
		"AWS_ACCESS_KEY_ID=" + c.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + c.SecretAccessKey, "AWS_SESSION_TOKEN=" + c.SessionToken,
	}, err
}

// End implements Cloud. A session that has ended already is no error.
func (a *account) End(ctx context.Context, session string) error {
	_, err := a.ssm.TerminateSession(ctx, &ssm.TerminateSessionInput{SessionId: aws.String(session)})
	var gone *ssmtypes.DoesNotExistException
	if errors.As(err, &gone) {
		return nil
	}
	return err
}
