package stacks

import (
	"cmp"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/components/atlas"
	"github.com/bpa-on-aws/platform/components/bastion"
	"github.com/bpa-on-aws/platform/components/bpa"
	"github.com/bpa-on-aws/platform/components/cluster"
	"github.com/bpa-on-aws/platform/components/database"
	"github.com/bpa-on-aws/platform/components/ingress"
	"github.com/bpa-on-aws/platform/components/network"
	"github.com/bpa-on-aws/platform/components/nodes"
	"github.com/bpa-on-aws/platform/components/observability"
	"github.com/bpa-on-aws/platform/components/packages"
	"github.com/bpa-on-aws/platform/components/registry"
	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/cert"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/imagelist"
	"github.com/bpa-on-aws/platform/infra/naming"
	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/infra/versions"
)

// platform is one run of the program: what it was told, and what it has built so far.
type platform struct {
	config      *config.Config
	names       naming.Names
	account     account.Account
	zones       []string
	providers   *providers
	certificate cert.Certificate
	archive     *packages.Archive
	chart       bpa.Chart
	// images are those of the release.
	images imagelist.List
	// secretValues says that application.values holds a secret: the engine decrypts before the program sees it.
	secretValues bool
	// nodeAMIs are the machine images of the nodes, in their order.
	nodeAMIs   []string
	bastionAMI string
	// logGroups are those that exist already, of the names that a service dictates.
	logGroups []string
	// clusterExists is EKS's answer whether the cluster exists already. It is asked once.
	clusterExists func() (bool, error)

	network   *network.Network
	registry  *registry.Registry
	packages  *packages.Packages
	cluster   *cluster.Cluster
	nodes     *nodes.Nodes
	roll      *nodes.Roll
	addons    *cluster.Addons
	bastion   *bastion.Bastion
	ingress   *ingress.Ingress
	database  *database.Database
	bootstrap *database.Bootstrap
	atlas     *atlas.Atlas
	bpa       *bpa.BPA
	// observability is nil where the configuration asks for none.
	observability *observability.Observability
}

// prepare reads and checks everything that can be read and checked before a resource is registered.
func prepare(ctx *pulumi.Context, o Options) (*platform, error) {
	if o.SourceDir == "" {
		o.SourceDir = ctx.RootDirectory()
	}
	if o.WorkDir == "" {
		o.WorkDir = ctx.RootDirectory()
	}
	if o.Today.IsZero() {
		o.Today = time.Now().UTC()
	}
	loaded, err := stackfile.LoadContext(ctx, stackfile.In(o.WorkDir, o.SourceDir), stackfile.On(o.Today))
	if err != nil {
		return nil, fmt.Errorf("configuration of stack %s:\n%w", ctx.Stack(), err)
	}
	p := &platform{config: loaded.Config, secretValues: ctx.IsConfigSecret(stackfile.Project + ":application")}
	p.names = naming.New(p.config.Name, p.config.AWS.AccountID, p.config.AWS.Region)
	if p.certificate, err = readCertificate(p.config.Ingress, o, o.Today); err != nil {
		return nil, err
	}
	if err := p.warnOfCertificate(ctx, o.Today); err != nil {
		return nil, err
	}
	if p.archive, err = packages.Pack(fromSource(o, p.config.Packages.Source), o.WorkDir); err != nil {
		return nil, err
	}
	if p.chart, err = p.readChart(o); err != nil {
		return nil, err
	}
	if p.images, err = imagelist.Of(p.config, o.SourceDir); err != nil {
		return nil, fmt.Errorf("images of the release:\n%w", err)
	}
	for _, left := range p.chart.LeftOut {
		if err := ctx.Log.Info(fmt.Sprintf("application.chart: %s stays out of the release: %s", left.File, left.Why), nil); err != nil {
			return nil, err
		}
	}
	if p.providers, err = newProviders(ctx, p.config); err != nil {
		return nil, err
	}
	return p, p.lookUp(ctx)
}

// fromSource resolves a path of the stack file.
func fromSource(o Options, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(o.SourceDir, path)
}

func (p *platform) readChart(o Options) (bpa.Chart, error) {
	app := p.config.Application
	if app.FromRegistry() {
		return bpa.Chart{OCI: app.Chart, Version: app.ChartVersion}, nil
	}
	return bpa.Overlay(o.SourceDir, o.WorkDir, app)
}

// lookUp asks AWS for what is the same on every run: the partition, the zones, and the machine images of pinned
// releases (R16: a preview next week shows no change).
func (p *platform) lookUp(ctx *pulumi.Context) error {
	opt := pulumi.Provider(p.providers.aws)
	partition, err := aws.GetPartition(ctx, &aws.GetPartitionArgs{}, opt)
	if err != nil {
		return fmt.Errorf("looking up the AWS partition: %w", err)
	}
	p.account = account.Account{
		ID: p.config.AWS.AccountID, Region: p.config.AWS.Region,
		Partition: partition.Partition, DNSSuffix: partition.DnsSuffix,
	}
	p.clusterExists = sync.OnceValues(func() (bool, error) { return p.lookUpCluster(ctx, opt) })
	// Several questions of a second together: they are asked beside the others.
	access := make(chan error, 1)
	go func() {
		access <- cmp.Or(p.checkDeployer(ctx, opt), p.lookUpLogGroups(ctx, opt))
	}()
	if p.zones, err = p.lookUpZones(ctx, opt); err != nil {
		return err
	}
	if p.nodeAMIs, err = p.lookUpNodeAMIs(ctx, opt); err != nil {
		return err
	}
	if err = showEveryImage(ctx); err != nil {
		return err
	}
	if err = <-access; err != nil || !p.config.Bastion.Enabled {
		return err
	}
	// The newest image counts when the bastion is made; the component ignores later ones.
	p.bastionAMI, err = lookUpParameter(ctx, "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64", opt)
	return err
}

// lookUpNodeAMIs returns the image of each node: they differ while an upgrade goes from node to node.
func (p *platform) lookUpNodeAMIs(ctx *pulumi.Context, opt pulumi.InvokeOption) ([]string, error) {
	known := map[string]string{}
	var images []string
	for i, node := range p.config.Nodes.Items {
		name := versions.AMIParameter(node.Version, node.AMIRelease)
		if image := p.config.Nodes.AMIID; image != "" {
			known[name] = image
		}
		if _, asked := known[name]; !asked {
			image, err := lookUpParameter(ctx, name, opt)
			if err != nil {
				return nil, fmt.Errorf("nodes.items[%d].amiRelease %s: %w", i, node.AMIRelease, err)
			}
			known[name] = image
		}
		images = append(images, known[name])
	}
	return images, nil
}

// lookUpParameter reads a public SSM parameter: a machine image id, no secret.
func lookUpParameter(ctx *pulumi.Context, name string, opt pulumi.InvokeOption) (string, error) {
	found, err := ssm.LookupParameter(ctx, &ssm.LookupParameterArgs{Name: name}, opt)
	if err != nil {
		return "", fmt.Errorf("looking up SSM parameter %s: %w", name, err)
	}
	return found.InsecureValue, nil
}
