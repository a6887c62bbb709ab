package preflight

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithy "github.com/aws/smithy-go/middleware"

	"github.com/bpa-on-aws/platform/internal/assume"
)

// reads are the beginnings of the names of operations that change nothing.
var reads = []string{"Get", "List", "Describe", "Check", "Head", "BatchGet", "BatchCheck"}

// IsRead reports whether an operation of an AWS service changes nothing. AssumeRole makes temporary credentials, and
// nothing that stays.
func IsRead(operation string) bool {
	for _, prefix := range reads {
		if strings.HasPrefix(operation, prefix) {
			return true
		}
	}
	return operation == "AssumeRole"
}

// guard refuses what is not a read before it is signed, let alone sent.
func guard(stack *smithy.Stack) error {
	return stack.Initialize.Add(smithy.InitializeMiddlewareFunc("ReadOnly",
		func(ctx context.Context, in smithy.InitializeInput, next smithy.InitializeHandler) (
			smithy.InitializeOutput, smithy.Metadata, error,
		) {
			if operation := middleware.GetOperationName(ctx); !IsRead(operation) {
				return smithy.InitializeOutput{}, smithy.Metadata{},
					fmt.Errorf("preflight: %s:%s is not a read, and was not sent", middleware.GetServiceID(ctx), operation)
			}
			return next.HandleInitialize(ctx, in)
		}), smithy.After)
}

// clouds are the clients of one account and region.
type clouds struct {
	// caller has the caller's own credentials, config those of the stack's role, where it has one.
	caller  aws.Config
	config  aws.Config
	sts     *sts.Client
	ec2     *ec2.Client
	rds     *rds.Client
	eks     *eks.Client
	ecr     *ecr.Client
	iam     *iam.Client
	ssm     *ssm.Client
	acm     *acm.Client
	route53 *route53.Client
	elb     *elasticloadbalancingv2.Client
	quotas  *servicequotas.Client
}

// open finds the caller's credentials as the AWS CLI does, and assumes the stack's role where it has one.
func open(ctx context.Context, o Options) (*clouds, error) {
	load := []func(*awsconfig.LoadOptions) error{
		awsconfig.WithRegion(o.Config.AWS.Region),
		awsconfig.WithAPIOptions([]func(*smithy.Stack) error{guard}),
	}
	if o.Endpoint != "" {
		load = append(load, awsconfig.WithBaseEndpoint(o.Endpoint))
	}
	load = append(load, o.AWS...)
	c, err := awsconfig.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	caller := c
	c = assume.Role(c, o.Config.AWS.RoleARN, session)
	return &clouds{
		caller:  caller,
		config:  c,
		sts:     sts.NewFromConfig(c),
		ec2:     ec2.NewFromConfig(c),
		rds:     rds.NewFromConfig(c),
		eks:     eks.NewFromConfig(c),
		ecr:     ecr.NewFromConfig(c),
		iam:     iam.NewFromConfig(c),
		ssm:     ssm.NewFromConfig(c),
		acm:     acm.NewFromConfig(c),
		route53: route53.NewFromConfig(c),
		elb:     elasticloadbalancingv2.NewFromConfig(c),
		quotas:  servicequotas.NewFromConfig(c),
	}, nil
}

// session names what preflight does as a role.
const session = "bpactl-preflight"

// bucket returns a client for a bucket's own region, with the path style that emulators understand where there is an
// endpoint.
func (c *clouds) bucket(region string) *s3.Client {
	return s3.NewFromConfig(c.config, func(o *s3.Options) {
		o.UsePathStyle = c.config.BaseEndpoint != nil
		if region != "" {
			o.Region = region
		}
	})
}

func (c *clouds) key(region string) *kms.Client {
	return kms.NewFromConfig(c.config, func(o *kms.Options) {
		if region != "" {
			o.Region = region
		}
	})
}
