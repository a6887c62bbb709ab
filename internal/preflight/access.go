package preflight

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/naming"
	"github.com/bpa-on-aws/platform/internal/connect"
)

const access = "access"

// access asks for the way to the Kubernetes API, and tries it where there is a cluster: `up` needs it ten minutes in.
func (f *flight) access(ctx context.Context) ([]Finding, error) {
	c := f.Config
	cloud := connect.OnAccount(f.config, connect.Stack{
		Name: c.Name, Cluster: naming.New(c.Name, c.AWS.AccountID, c.AWS.Region).Cluster(), Region: c.AWS.Region,
	})
	if c.Cluster.Access == config.BastionAccess {
		return f.bastionAccess(ctx, cloud)
	}
	host, err := cloud.Endpoint(ctx)
	switch {
	case err != nil:
		return nil, err
	case host != "":
		return f.dials(ctx, host), nil
	case c.Cluster.Access == config.PublicAccess:
		return f.listed(ctx), nil
	}
	return []Finding{warn(access, "see that this machine reaches "+c.Network.NodeCIDR+" on port 443, and comes from one of "+
		"bpa:cluster.privateAccessCidrs: "+strings.Join(c.Cluster.PrivateAccessCIDRs, ", "),
		"the way by network was not tried, as there is no cluster yet")}, nil
}

// bastionAccess asks for the tools of a session, and for the bastion where the stack is there.
func (f *flight) bastionAccess(ctx context.Context, cloud connect.Cloud) ([]Finding, error) {
	if err := connect.Tools(); err != nil {
		return []Finding{fail(access, "install what is missing: `bpactl up` opens a session of Systems Manager with it",
			"%s", strings.ReplaceAll(err.Error(), "\n", "; "))}, nil
	}
	instance, err := cloud.Bastion(ctx)
	if err != nil {
		return nil, err
	}
	host, err := cloud.Endpoint(ctx)
	if err != nil {
		return nil, err
	}
	if instance == "" && host == "" {
		return []Finding{pass(access, "the AWS CLI and its session plugin are here, and `bpactl up` makes the bastion")}, nil
	}
	if instance == "" {
		return []Finding{
			warn(access, "start it; `up` makes one that is gone", "no bastion of the stack runs, and %s has no other way", host),
		}, nil
	}
	online, err := cloud.Online(ctx, instance)
	if err != nil {
		return nil, err
	}
	if !online {
		return []Finding{
			fail(access, "see that it reaches Systems Manager on port 443 and has AmazonSSMManagedInstanceCore, then reboot it",
				"the bastion %s is not registered with Systems Manager", instance),
		}, nil
	}
	return []Finding{pass(access, "the bastion %s takes sessions", instance)}, nil
}

// dials opens a connection to the API.
func (f *flight) dials(ctx context.Context, host string) []Finding {
	connection, err := f.Dial(ctx, "tcp", host+":443")
	if err != nil {
		return []Finding{fail(access, "make a route to it, list this machine's address, or set bpa:cluster.access to bastion",
			"this machine does not reach %s: %s", host, oneLine(err.Error()))}
	}
	_ = connection.Close() // nothing was sent
	return []Finding{pass(access, "this machine reaches %s", host)}
}

// listed asks whether the public endpoint will let this machine in.
func (f *flight) listed(ctx context.Context) []Finding {
	list := f.Config.Cluster.PublicAccessCIDRs
	address, err := f.address(ctx)
	if err != nil {
		return []Finding{warn(access, "see that it is one of bpa:cluster.publicAccessCidrs: "+strings.Join(list, ", "),
			"the address of this machine is not known: %s", oneLine(err.Error()))}
	}
	if slices.ContainsFunc(list, func(text string) bool {
		prefix, err := netip.ParsePrefix(text)
		return err == nil && prefix.Contains(address)
	}) {
		return []Finding{pass(access, "bpa:cluster.publicAccessCidrs holds this machine's %s", address)}
	}
	return []Finding{fail(access, fmt.Sprintf("list %s/32, or run `up` where it is listed", address),
		"this machine is %s on the internet, and bpa:cluster.publicAccessCidrs holds %s alone", address, strings.Join(list, ", "))}
}

// address is what this machine has on the internet, as AWS sees it.
func (f *flight) address(ctx context.Context) (netip.Addr, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.AddressURL, nil)
	if err != nil {
		return netip.Addr{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return netip.Addr{}, err
	}
	defer func() { _ = response.Body.Close() }()
	const most = 64
	text, err := io.ReadAll(io.LimitReader(response.Body, most))
	if err != nil {
		return netip.Addr{}, err
	}
	return netip.ParseAddr(strings.TrimSpace(string(text)))
}
