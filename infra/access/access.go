// Package access says how a deployer reaches the Kubernetes API of a stack.
package access

// The ways to the API.
const (
	// Public is the API's public endpoint, for the CIDRs that the configuration lists.
	Public = "public"
	// Bastion is a session of Systems Manager through the stack's bastion: `bpactl connect` serves it at ProxyURL.
	Bastion = "bastion"
	// Network is a network that is routed to the VPC: VPN, Direct Connect, or a machine inside.
	Network = "network"
)

// ProxyAddress is where `bpactl connect` listens, and ProxyURL what the kubeconfig names. Both are the same on every machine, so
// that the kubeconfig, and with it every preview, is too.
const (
	ProxyAddress = "127.0.0.1:18443"
	ProxyURL     = "http://" + ProxyAddress
)
