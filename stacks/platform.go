// Package stacks wires the components into one platform. It is the only place that knows both the configuration and
// the architecture: components know neither each other nor where their arguments come from.
package stacks

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/components/atlas"
	"github.com/bpa-on-aws/platform/components/bastion"
	"github.com/bpa-on-aws/platform/components/bpa"
	"github.com/bpa-on-aws/platform/components/cluster"
	"github.com/bpa-on-aws/platform/components/database"
	"github.com/bpa-on-aws/platform/components/ingress"
	"github.com/bpa-on-aws/platform/components/network"
	"github.com/bpa-on-aws/platform/components/nodes"
	"github.com/bpa-on-aws/platform/components/packages"
	"github.com/bpa-on-aws/platform/components/registry"
	"github.com/bpa-on-aws/platform/infra/config"
)

// Platform is the Pulumi program: Cisco BPA on AWS, from the VPC to the Helm release, in one dependency graph.
func Platform(ctx *pulumi.Context) error { return Program(Options{})(ctx) }

// Options says where a run of the program finds its files. The zero value is right for `pulumi up`.
type Options struct {
	// SourceDir is the folder that relative paths of the stack file start from. Default: the project's root.
	SourceDir string
	// WorkDir is the engine's working directory; generated files lie below it in .bpa. Default: the project's root.
	WorkDir string
	// Certificate replaces the certificate files of the configuration, for a rehearsal on a machine that lacks them.
	Certificate *StandInCertificate
	// Today is the day on which versions and certificate are checked. Default: today.
	Today time.Time
}

// StandInCertificate is a certificate for a rehearsal, PEM encoded.
type StandInCertificate struct{ CertificatePEM, PrivateKeyPEM string }

// Program returns the Pulumi program for the given options.
func Program(o Options) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		p, err := prepare(ctx, o)
		if err != nil {
			return err
		}
		return p.deploy(ctx)
	}
}

// deploy is the table of contents: each component depends only on components above it.
func (p *platform) deploy(ctx *pulumi.Context) (err error) {
	if p.network, err = network.New(ctx, "network", p.networkArgs(), p.aws()); err != nil {
		return err
	}
	if p.registry, err = registry.New(ctx, "registry", p.registryArgs(), p.aws()); err != nil {
		return err
	}
	if p.packages, err = packages.New(ctx, "packages", p.packagesArgs(), p.aws()); err != nil {
		return err
	}
	if p.cluster, err = cluster.New(ctx, "cluster", p.clusterArgs(), p.aws()); err != nil {
		return err
	}
	if p.nodes, err = nodes.New(ctx, "nodes", p.nodesArgs(), p.aws()); err != nil {
		return err
	}
	if err = p.deployBastion(ctx); err != nil {
		return err
	}
	if err = p.enterCluster(ctx); err != nil {
		return err
	}
	if p.addons, err = cluster.NewAddons(ctx, "addons", p.addonsArgs(), p.everywhere()); err != nil {
		return err
	}
	if p.roll, err = nodes.NewRoll(ctx, "roll", p.rollArgs(), p.everywhere()); err != nil {
		return err
	}
	if p.ingress, err = ingress.New(ctx, "ingress", p.ingressArgs(), p.aws()); err != nil {
		return err
	}
	if p.database, err = database.New(ctx, "database", p.databaseArgs(), p.aws()); err != nil {
		return err
	}
	if p.bootstrap, err = database.NewBootstrap(ctx, "bootstrap", p.bootstrapArgs(), p.kubernetes()); err != nil {
		return err
	}
	if p.atlas, err = atlas.New(ctx, "atlas", p.atlasArgs(), p.aws()); err != nil {
		return err
	}
	if p.bpa, err = bpa.New(ctx, "bpa", p.bpaArgs(), p.kubernetes()); err != nil {
		return err
	}
	if _, err = database.NewRetirement(ctx, "retirement", p.retirementArgs(), p.kubernetes()); err != nil {
		return err
	}
	if err = p.deployOperations(ctx); err != nil {
		return err
	}
	return p.export(ctx)
}

// deployBastion builds the bastion where the configuration asks for one (R06).
func (p *platform) deployBastion(ctx *pulumi.Context) (err error) {
	if !p.config.Bastion.Enabled {
		return nil
	}
	p.bastion, err = bastion.New(ctx, "bastion", p.bastionArgs(), p.aws())
	return err
}

// enterCluster makes the provider of what is in the cluster, once there is a way to it.
func (p *platform) enterCluster(ctx *pulumi.Context) (err error) {
	var way []pulumi.Resource
	if p.config.Cluster.Access == config.BastionAccess {
		way = p.bastion.Way
	}
	p.providers.kubernetes, err = p.cluster.NewProvider(ctx, way)
	return err
}
