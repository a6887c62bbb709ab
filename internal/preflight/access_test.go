package preflight_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/config"
)

// at gives this machine an address on the internet, and a network that reaches the API or does not.
func (w *world) at(address string, dial error) {
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(out, address) }))
	w.t.Cleanup(server.Close)
	w.options.AddressURL = server.URL
	w.options.Dial = func(context.Context, string, string) (net.Conn, error) {
		near, _ := net.Pipe()
		return near, dial
	}
}

// withEndpoint makes the cluster, whose API has an address.
func withEndpoint(dial error) func(*testing.T, *world) {
	return func(_ *testing.T, w *world) {
		w.at("203.0.113.7", dial)
		w.proxy.recorded[clusterPath] = func([]byte, *http.Request) (int, string, string) {
			return http.StatusOK, "application/json",
				`{"cluster":{"name":"bpa-dev","status":"ACTIVE","endpoint":"https://api.example.com"}}`
		}
	}
}

// withTools makes the bastion the way, and puts stand-ins for its tools on PATH.
func withTools(tools ...string) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		dir := t.TempDir()
		for _, tool := range tools {
			require.NoError(t, os.WriteFile(filepath.Join(dir, tool), []byte("#!/bin/sh\n"), 0o700)) //nolint:gosec // must be run
		}
		t.Setenv("PATH", dir)
		w.config.Cluster.Access = config.BastionAccess
	}
}

// withBastion makes the stack's bastion, which Systems Manager knows by a status, or not at all.
func withBastion(status string) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		client := ec2.NewFromConfig(w.aws)
		images := must(client.DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{"amazon"}}))(t)
		require.NotEmpty(t, images.Images)
		must(client.RunInstances(ctx, &ec2.RunInstancesInput{
			ImageId: images.Images[0].ImageId, InstanceType: types.InstanceTypeT3Micro, MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
			TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeInstance, Tags: []types.Tag{
				{Key: aws.String("bpa:stack"), Value: &w.config.Name}, {Key: aws.String("Name"), Value: aws.String("bastion")},
			}}},
		}))(t)
		known := ""
		if status != "" {
			known = fmt.Sprintf(`{"InstanceId":"i-0","PingStatus":%q}`, status)
		}
		w.proxy.recorded["DescribeInstanceInformation"] = func([]byte, *http.Request) (int, string, string) {
			return http.StatusOK, jsonBody, `{"InstanceInformationList":[` + known + `]}`
		}
		withTools("aws", "session-manager-plugin")(t, w)
	}
}

func TestTheWayToTheAPIIsAskedForAndTried(t *testing.T) {
	const check = "access"
	try(t, []example{
		{"a listed address", check, nil, passes, "holds this machine's 203.0.113.7"},
		{
			"an address that is not listed",
			check,
			func(_ *testing.T, w *world) { w.at("198.51.100.1", nil) },
			fails,
			"198.51.100.1 on the internet",
		},
		{"an unknown address", check, func(_ *testing.T, w *world) { w.at("?", nil) }, warns, "the address of this machine is not known"},
		{"an API that is reached", check, withEndpoint(nil), passes, "reaches api.example.com"},
		{
			"an API that is not reached",
			check,
			withEndpoint(errors.New("i/o timeout")),
			fails,
			"does not reach api.example.com: i/o timeout",
		},
		{"a network before the cluster", check, func(_ *testing.T, w *world) { w.config.Cluster.Access = config.NetworkAccess }, warns,
			"was not tried"},
		{"a bastion without the plugin", check, withTools("aws"), fails, "session-manager-plugin is not on PATH"},
		{"a bastion that is not made yet", check, withTools("aws", "session-manager-plugin"), passes, "`bpactl up` makes the bastion"},
		{"a bastion that takes sessions", check, withBastion("Online"), passes, "takes sessions"},
		{"a bastion that has lost the connection", check, withBastion("ConnectionLost"), fails, "is not registered with Systems Manager"},
		{"a bastion that never registered", check, withBastion(""), fails, "is not registered with Systems Manager"},
	})
}
