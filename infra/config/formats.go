package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/versions"
)

// Format is what a single value must look like; a field names its format in the tag `is`.
type Format struct {
	// Must says what is allowed, as an error does.
	Must string
	// Pattern matches every allowed text; it is written in the part of the syntax that Go and JavaScript share. For a
	// format with a check of its own it is only a first sieve, and empty where text cannot be told by a pattern.
	Pattern string
	// Words or Numbers are the only allowed values, where there are any.
	Words   []string
	Numbers []int

	pattern *regexp.Regexp
	// check returns what is wrong with a text, or "". It replaces the pattern.
	check func(text string) string
}

const (
	label  = `[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?`
	host   = `(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}`
	octets = `(?:[0-9]{1,3}\.){3}[0-9]{1,3}`
	// repository paths as ECR accepts them (docs/facts.md §4).
	repository = `(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*`
)

var formats = compile(map[string]Format{
	"account":     {Pattern: `^[0-9]{12}$`, Must: "must be 12 digits in quotes"},
	"ami":         {Pattern: `^ami-[0-9a-f]{8,17}$`, Must: "must be an AMI id such as ami-0123456789abcdef0"},
	"amiRelease":  {Pattern: `^v[0-9]{8}$`, Must: "must be a release of the EKS AMI such as v20260930"},
	"atlasId":     {Pattern: `^[0-9a-f]{24}$`, Must: "must be 24 hexadecimal digits"},
	"bastionType": {Pattern: `^[a-z][a-z0-9-]*\.[a-z0-9]+$`, Must: "must be an EC2 instance type such as t3.micro"},
	"cidr":        {Pattern: "^" + octets + `/[0-9]{1,2}$`, check: checkCIDR},
	"domain":      {Pattern: "^" + host + `\.?$`, Must: "must be a domain such as corp.example.com"},
	"hostname":    {Pattern: "^" + host + "$", Must: "must be a full host name such as bpa.example.com"},
	"image": {
		Pattern: `^[a-z0-9.-]+(?::[0-9]+)?/` + repository +
			`(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$`,
		Must: "must be an image with registry and tag or digest, such as " + versions.PostgresImage,
	},
	"instanceClass": {Pattern: `^db\.[a-z][a-z0-9-]*\.[a-z0-9]+$`, Must: "must be an RDS instance class such as db.m5d.2xlarge"},
	"instanceType":  {Pattern: `^[a-z][a-z0-9-]*\.[a-z0-9]+$`, Must: "must be an EC2 instance type such as m6i.4xlarge"},
	"ipv4":          {Pattern: "^" + octets + "$", check: checkIPv4},
	"kubernetesName": {
		Pattern: "^" + label + "$", Must: "must be a Kubernetes name",
	},
	"label": {Pattern: "^" + label + "$", Must: "must be lower-case letters, digits and hyphens"},
	"name": {
		Pattern: `^[a-z](?:-?[a-z0-9]){1,19}$`,
		Must:    "must be 2-20 lower-case letters, digits and single hyphens, first a letter",
	},
	"node":     {Pattern: "^" + label + "$", Must: "must be lower-case letters, digits and hyphens, such as node-1"},
	"password": {check: checkPassword},
	"region":   {Pattern: `^[a-z]{2}(?:-[a-z]+)+-[0-9]$`, Must: "must be an AWS region such as us-west-2"},
	"stack": {
		Pattern: `^[A-Za-z0-9_.-]{1,100}$`,
		Must:    "must be the stack name of a file beside this one, such as prod for Pulumi.prod.yaml",
	},
	"subnet":     {Pattern: `^subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})$`, Must: "must be a subnet id"},
	"vpc":        {Pattern: `^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})$`, Must: "must be a VPC id"},
	"repository": {Pattern: "^" + repository + "$", Must: "must be a repository name without registry and tag"},
	"repositoryPath": {
		Pattern: "^" + repository + "$",
		Must:    "must be a path of lower-case letters, digits and . _ - between them",
	},
	"role": {
		Pattern: `^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$`,
		Must:    "must be the ARN of an IAM role",
	},
	"principal": {
		Pattern: `^arn:aws[a-z-]*:iam::[0-9]{12}:(?:role|user)/[A-Za-z0-9_+=,.@/-]+$`,
		Must:    "must be the ARN of an IAM role or user",
	},
	"certificate": {
		Pattern: `^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9_-]+$`,
		Must:    "must be the ARN of an ACM certificate",
	},
	"directory": {
		Pattern: `^[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*$`,
		Must:    "must be a relative path of letters, digits, dots, hyphens and underscores below /opt/bpa/data",
	},
	"masterUser": {
		Pattern: `^[A-Za-z][A-Za-z0-9_]{0,15}$`,
		Must:    "must be 1-16 letters, digits and underscores, first a letter",
	},
	"mongoUser":     {Pattern: `^[^/:@ ]+$`, Must: "must not contain / : @ or space"},
	"mongoDatabase": {Pattern: `^[^/\\. "$*<>:|?]+$`, Must: "must be a MongoDB database name"},
	"tlsPolicy": {
		Pattern: `^ELBSecurityPolicy-TLS13-1-[23]`,
		Must:    "must be a policy for TLS 1.2 or later, ELBSecurityPolicy-TLS13-1-2-… or ELBSecurityPolicy-TLS13-1-3-…",
	},
	"atlasTier": {
		// dedicated tiers; M0, M2, M5 and Flex have no PrivateLink.
		Words: strings.Fields("M10 M20 M30 M40 M50 M60 M80 M140 M200 M300 R40 R50 R60 R80 R200 R300 R400 R700"),
		Must:  "must be a dedicated tier, M10 or larger: smaller ones have no PrivateLink",
	},
	"addonVersion": {Pattern: `^v[0-9]+\.[0-9]+\.[0-9]+-eksbuild\.[0-9]+$`, Must: "must be a version such as " + agentVersion},
	"clock":        {Pattern: `^(?:[01][0-9]|2[0-3]):[0-5][0-9]$`, Must: "must be a time such as 05:00"},
	"contact":      {check: checkContact},
	"databaseIdentifier": {
		Pattern: `^[a-z](?:-?[a-z0-9])*$`, Must: "must be the identifier of an RDS instance",
	},
	"databaseSnapshot": {
		Pattern: `^(?:arn:aws[a-z-]*:rds:[a-z0-9-]+:[0-9]{12}:snapshot:)?(?:rds:)?[A-Za-z](?:-?[A-Za-z0-9])*$`,
		Must:    "must be the name or the ARN of an RDS snapshot",
	},
	"volumeSnapshot": {Pattern: `^snap-[0-9a-f]{8,17}$`, Must: "must be an EBS snapshot such as snap-0123456789abcdef0"},
	"snapshotHours": {
		Numbers: snapshotHours, Must: fmt.Sprintf("must be an interval that Data Lifecycle Manager offers: %v", snapshotHours),
	},
	"logDays": {Numbers: logDays, Must: fmt.Sprintf("must be a period that CloudWatch offers: %v", logDays)},
})

var logDays = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

var snapshotHours = []int{1, 2, 3, 4, 6, 8, 12, 24}

func compile(formats map[string]Format) map[string]Format {
	for name, f := range formats {
		if f.Pattern != "" {
			f.pattern = regexp.MustCompile(f.Pattern)
		}
		formats[name] = f
	}
	return formats
}

// wrongText returns what is wrong with a text, or "".
func (f Format) wrongText(text string) string {
	switch {
	case f.check != nil:
		return f.check(text)
	case f.Words != nil && !slices.Contains(f.Words, text), f.pattern != nil && !f.pattern.MatchString(text):
		return f.Must
	}
	return ""
}

// wrongNumber returns what is wrong with a number, or "".
func (f Format) wrongNumber(n int) string {
	if slices.Contains(f.Numbers, n) {
		return ""
	}
	return f.Must
}

// checkCIDR refuses what is no IPv4 range, and one with host bits.
func checkCIDR(text string) string {
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil || !prefix.Addr().Is4():
		return "must be an IPv4 CIDR such as 10.20.0.0/16"
	case prefix != prefix.Masked():
		return fmt.Sprintf("must not have host bits; did you mean %s?", prefix.Masked())
	}
	return ""
}

func checkIPv4(text string) string {
	if address, err := netip.ParseAddr(text); err != nil || !address.Is4() {
		return "must be an IPv4 address"
	}
	return ""
}

var printable = regexp.MustCompile(`^[!-~]{8,128}$`)

// checkPassword: what RDS accepts (docs/facts.md §2).
func checkPassword(text string) string {
	if !printable.MatchString(text) || strings.ContainsAny(text, `/"@' `) {
		return `must be 8-128 printable ASCII characters without / " @ ' and space`
	}
	return ""
}
