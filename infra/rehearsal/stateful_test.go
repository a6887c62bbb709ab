package rehearsal_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/infra/rehearsal"
)

func TestAJobThatRunsAgainIsNoLossAndOneThatGoesIs(t *testing.T) {
	step := func(op, typ string) rehearsal.Step {
		return rehearsal.Step{Op: op, URN: resource.URN("urn:pulumi:dev::bpa::" + typ + "::x")}
	}
	const job, volume, subnet = "kubernetes:batch/v1:Job", "aws:ebs/volume:Volume", "aws:ec2/subnet:Subnet"
	again := step("replace", job)
	assert.True(t, rehearsal.RunsAgain(again))
	assert.Equal(
		t,
		[]rehearsal.Step{step("replace", volume), step("replace", subnet), step("delete", job)},
		rehearsal.Loses([]rehearsal.Step{
			again, step("update", volume), step("replace", subnet), step("delete", job), step("replace", volume), step("create", subnet),
		}),
		"what holds data comes first",
	)
}
