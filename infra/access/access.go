// Package access says where a machine outside the VPC reaches the Kubernetes API of a stack.
package access

// ProxyAddress is where `bpactl connect` listens, and ProxyURL how a kubeconfig names it. Both are the same on every machine.
const (
	ProxyAddress = "127.0.0.1:18443"
	ProxyURL     = "http://" + ProxyAddress
)
