package account_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/infra/account"
)

func TestARNsUseThePartition(t *testing.T) {
	a := account.Account{ID: "111122223333", Region: "cn-north-1", Partition: "aws-cn", DNSSuffix: "amazonaws.com.cn"}
	assert.Equal(t, "arn:aws-cn:ecr:cn-north-1:111122223333:repository/x", a.ARN("ecr", "repository/x"))
	assert.Equal(t, "arn:aws-cn:iam::111122223333:role/x", a.GlobalARN("iam", "role/x"))
	assert.Equal(t, "arn:aws-cn:iam::aws:policy/P", a.ManagedPolicy("P"))
	assert.Equal(t, "arn:aws-cn:iam::111122223333:root", a.Root())
}
