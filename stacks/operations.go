package stacks

import (
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/components/backup"
	"github.com/bpa-on-aws/platform/components/observability"
	"github.com/bpa-on-aws/platform/infra/versions"
)

// deployOperations builds what keeps the platform running after the first day, where the configuration asks for it.
func (p *platform) deployOperations(ctx *pulumi.Context) (err error) {
	if err = p.warnOfRestores(ctx); err != nil {
		return err
	}
	if p.config.Backup.Enabled {
		if _, err = backup.New(ctx, "backup", p.backupArgs(), p.aws()); err != nil {
			return err
		}
	}
	if p.config.Observability.Enabled {
		p.observability, err = observability.New(ctx, "observability", p.observabilityArgs(), p.aws())
	}
	return err
}

// warnOfRestores says what a setting does that looks as if it brought data back at once.
func (p *platform) warnOfRestores(ctx *pulumi.Context) error {
	var warnings []string
	const once = ": replaces what was not made from it, which Pulumi refuses while that is protected (docs/recovery.md)"
	for _, n := range p.config.Nodes.Items {
		if n.RestoreFrom != "" {
			warnings = append(warnings, "nodes "+n.Name+" restoreFrom "+n.RestoreFrom+once)
		}
	}
	if p.config.Database.RestoreFrom != nil {
		warnings = append(warnings, "database.restoreFrom"+once)
	}
	if p.config.Atlas.RestoreFrom != nil {
		warnings = append(warnings, "atlas.restoreFrom: puts the backup in the place of what the cluster holds (docs/recovery.md)")
	}
	for _, w := range warnings {
		if err := ctx.Log.Warn(w, nil); err != nil {
			return err
		}
	}
	return nil
}

func (p *platform) backupArgs() *backup.Args {
	return &backup.Args{
		Backup: p.config.Backup, Account: p.account, ClusterName: p.cluster.Name, VolumeTag: p.nodes.SnapshotTag,
	}
}

func (p *platform) observabilityArgs() *observability.Args {
	args := &observability.Args{
		Observability: p.config.Observability, Account: p.account, ClusterName: p.cluster.Name,
		Database:       observability.Database{Identifier: p.database.Identifier, StorageGiB: p.config.Database.StorageGiB},
		LoadBalancer:   observability.LoadBalancer{ARNSuffix: p.ingress.ARNSuffix, CertificateARN: p.ingress.CertificateARN},
		AtlasProjectID: p.atlas.ProjectID, Nodes: len(p.config.Nodes.Items), Versions: p.supportedVersions(),
		LogOptions: p.logOptions(observability.LogGroup(p.cluster.Name)),
		AgentAfter: slices.Concat(p.nodes.Ready, p.addons.Ready), After: p.bpa.Ready, Protect: p.config.Protect,
	}
	for i, l := range p.ingressArgs().Listeners() {
		args.LoadBalancer.TargetGroups = append(args.LoadBalancer.TargetGroups, observability.TargetGroup{
			Name: strconv.Itoa(l.Port), ARNSuffix: p.ingress.TargetGroupARNSuffixes[i],
		})
	}
	return args
}

// supportedVersions are the versions in use whose last days are known: that of all support, where it is another that of the support
// without a surcharge, and the first day on which RDS may upgrade a minor version by itself.
func (p *platform) supportedVersions() []observability.Version {
	var used []observability.Version
	for _, v := range []struct {
		name, text, version string
		product             versions.Product
	}{
		{"kubernetes", "Kubernetes", p.config.Cluster.Version, versions.EKS},
		{"postgresql", "PostgreSQL", p.config.Database.EngineVersion, versions.PostgreSQL},
		{"mongodb", "MongoDB", p.config.Atlas.Version, versions.MongoDB},
	} {
		for _, release := range v.product.Releases {
			if release.Version != v.version || release.To.IsZero() {
				continue
			}
			text := v.text + " " + v.version
			if !release.Forced.IsZero() {
				used = append(used, observability.Version{
					Name: v.name + "-minor", Text: text, What: "may be upgraded by AWS itself, by its habit, from", Ends: release.Forced,
				})
			}
			used = append(used, observability.Version{Name: v.name, Text: text, What: "leaves support on", Ends: release.To})
			if !release.Standard.IsZero() && release.Standard.Before(release.To) {
				used = append(used, observability.Version{
					Name: v.name + "-standard", Text: text, What: "costs a surcharge for extended support after", Ends: release.Standard,
				})
			}
		}
	}
	return used
}
