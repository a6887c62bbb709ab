package cost

// endpoint pays for an interface endpoint in each of its subnets, of which there is one a zone. Gateway endpoints are free.
func (p *pricing) endpoint(r Resource) {
	switch kind := r.text("vpcEndpointType"); kind {
	case "", "Gateway":
	case "Interface":
		p.paid(r, "endpoint.hour", p.length(r, "the subnets of the endpoint", r.property("subnetIds")))
		p.byUse(r, "endpoint.gb")
	default:
		p.missing(r, "VPC endpoints of type %s: the table has prices of Interface alone", kind)
	}
}

// loadBalancer pays for a load balancer, and where it faces the internet, for an address in each subnet.
func (p *pricing) loadBalancer(r Resource) {
	if kind := r.text("loadBalancerType"); kind != "" && kind != "application" {
		p.missing(r, "load balancers of type %s: the table has prices of application alone", kind)
		return
	}
	p.paid(r, "alb.hour", 1)
	p.byUse(r, "alb.lcu")
	if !isTrue(r.property("internal")) {
		p.paid(r, "ipv4.hour", p.length(r, "the subnets of the load balancer", r.property("subnets")))
		p.assume("a load balancer that faces the internet has one public address a subnet; under load it takes more")
		p.byUse(r, "transfer.internet")
	}
}

func (p *pricing) resolver(r Resource) {
	p.paid(r, "resolver.hour", p.length(r, "the addresses of the Resolver endpoint", r.property("ipAddresses")))
	p.byUse(r, "resolver.queries")
}

// key pays for a key's first version. Each of the first two rotations makes it dearer by as much.
func (p *pricing) key(r Resource) {
	p.paid(r, "kms.key", 1)
	p.byUse(r, "kms.requests")
	if isTrue(r.property("enableKeyRotation")) {
		p.assume("no KMS key has been rotated yet: each of the first two yearly rotations adds the price of a key")
	}
}

// alarm pays for each metric that an alarm looks at.
func (p *pricing) alarm(r Resource) {
	metrics := 0.0
	for _, q := range list(r.property("metricQueries")) {
		if object(q)["metric"] != nil {
			metrics++
		}
	}
	p.paid(r, "cloudwatch.alarm", max(metrics, 1))
}
