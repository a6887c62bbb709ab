package catalog

// Price says how a type is paid for.
type Price struct {
	// Free says why nothing is paid for it.
	Free string
}

// onNodes is where everything in Kubernetes runs. The reference chart asks for no cloud resources of its own.
const onNodes = "runs on the nodes, which are paid for"

const (
	partOfVPC    = "a part of the VPC, which costs nothing itself"
	partOfBucket = "a setting of a bucket"
	partOfIAM    = "IAM costs nothing"
	partOfLB     = "a part of the load balancer, which is paid for"
)
