package config

// claim reports that another stack has what this one wants, at a path, and why that cannot be.
type claim func(path string, value any, format string, args ...any)

// Collide reports what a stack claims that another one claims as well: a range of addresses, a name, a host name, an Atlas
// project. A file that others extend need not be a stack itself, and then claims nothing.
func (c *Config) Collide(theirs *Config, taken func(path string, value any, format string, args ...any)) {
	if !c.deployable() || !theirs.deployable() {
		return
	}
	c.Network.collide(c, theirs, taken)
	c.collide(theirs, taken)
	c.Atlas.collide(c, theirs, taken)
	c.Ingress.collide(c, theirs, taken)
}

// deployable reports whether a file names where it deploys.
func (c *Config) deployable() bool {
	return c.AWS.AccountID != "" && c.AWS.Region != "" && c.Ingress.Hostname != ""
}

func (c *Config) sameRegion(o *Config) bool {
	return c.AWS.AccountID == o.AWS.AccountID && c.AWS.Region == o.AWS.Region
}

// collide compares the names that are unique in an account and region.
func (c *Config) collide(o *Config, taken claim) {
	if !c.sameRegion(o) {
		return
	}
	if c.Name == o.Name {
		taken("name", c.Name, "cluster, database, load balancer, buckets and Atlas project would have the same names in account %s, %s",
			c.AWS.AccountID, c.AWS.Region)
	} else if c.Registry.PathPrefix == o.Registry.PathPrefix {
		taken("registry.pathPrefix", c.Registry.PathPrefix, "the repositories would have the same names in account %s, %s",
			c.AWS.AccountID, c.AWS.Region)
	}
}
