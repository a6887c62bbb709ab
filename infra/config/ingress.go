package config

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/infra/problem"
)

// InternetFacing is the scheme of a load balancer that the internet reaches; the other is internal.
const InternetFacing = "internet-facing"

// Ingress describes the load balancer and its certificate.
type Ingress struct {
	Scheme             string      `json:"scheme" default:"internal" oneOf:"internal internet-facing" doc:"internal (default) or internet-facing."`
	AllowedCIDRs       []string    `json:"allowedCidrs" required:"true" is:"cidr" doc:"CIDRs that may reach the listeners."`
	Hostname           string      `json:"hostname" required:"true" is:"hostname" doc:"The name users type, such as bpa.example.com."`
	HTTPSNodePort      int         `json:"httpsNodePort" default:"30443" from:"30000" to:"32767" doc:"Node port behind listener 443, 30000-32767. Default 30443."`
	PortalNodePort     int         `json:"portalNodePort" default:"30101" from:"30000" to:"32767" doc:"Node port behind listener 30101, 30000-32767. Default 30101."`
	TLSPolicy          string      `json:"tlsPolicy" default:"ELBSecurityPolicy-TLS13-1-2-2021-06" is:"tlsPolicy" doc:"ALB security policy. Default ELBSecurityPolicy-TLS13-1-2-2021-06."`
	LogRetentionDays   int         `json:"logRetentionDays" default:"90" from:"1" to:"3653" doc:"Days that access logs are kept. Default 90."`
	DeletionProtection bool        `json:"deletionProtection" production:"true" development:"false" doc:"Refuse to delete the load balancer. Default: true in production."`
	Certificate        Certificate `json:"certificate" doc:"The BPA certificate (R22)."`
}

// Certificate is the BPA certificate. The cluster always needs certificate and key (R22); the load balancer uses ARN
// where it is set, and otherwise a copy imported into ACM.
type Certificate struct {
	CertificateFile string `json:"certificateFile" default:"certs/bap-cert.pem" doc:"PEM file with certificate and chain, relative to the stack file. Default certs/bap-cert.pem."`
	PrivateKeyFile  string `json:"privateKeyFile" default:"certs/bap-key.pem" doc:"PEM file with the key, relative to the stack file, never in git. Default certs/bap-key.pem."`
	PrivateKey      Secret `json:"privateKey" doc:"The key itself as a secret, instead of privateKeyFile."`
	ARN             string `json:"arn" optional:"true" is:"certificate" doc:"ACM certificate for the load balancer. Default: the BPA certificate is imported."`
}

func (i Ingress) check(p *problem.List) {
	p.Require(len(i.AllowedCIDRs) > 0, "allowedCidrs", nil, "must list the CIDRs of the users")
	for n, cidr := range i.AllowedCIDRs {
		p.Require(cidr != "0.0.0.0/0" || i.Scheme == InternetFacing, fmt.Sprintf("allowedCidrs[%d]", n), cidr,
			"is allowed for the scheme internet-facing only")
	}
	p.Require(i.HTTPSNodePort != i.PortalNodePort, "portalNodePort", i.PortalNodePort, "must differ from ingress.httpsNodePort")
}

func (i Ingress) fit(k *checks) {
	own := k.config.AWS
	if parts := strings.Split(i.Certificate.ARN, ":"); len(parts) > 4 {
		k.Require(parts[3] == own.Region && parts[4] == own.AccountID, "ingress.certificate.arn", i.Certificate.ARN,
			"must be of account %s in %s: a load balancer takes no other", own.AccountID, own.Region)
	}
}

func (i Ingress) collide(_, theirs *Config, taken claim) {
	if strings.EqualFold(i.Hostname, theirs.Ingress.Hostname) {
		taken("ingress.hostname", i.Hostname, "a name leads to one load balancer")
	}
}

var _ = define(map[string]Format{
	"certificate": {
		Pattern: `^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9_-]+$`,
		Must:    "must be the ARN of an ACM certificate",
	},
	"hostname": {Pattern: "^" + host + "$", Must: "must be a full host name such as bpa.example.com"},
	"tlsPolicy": {
		Pattern: `^ELBSecurityPolicy-TLS13-1-[23]`,
		Must:    "must be a policy for TLS 1.2 or later, ELBSecurityPolicy-TLS13-1-2-… or ELBSecurityPolicy-TLS13-1-3-…",
	},
})
