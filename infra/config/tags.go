package config

import "maps"

// StackTags are the tags of every resource of the stack.
func (c *Config) StackTags() map[string]string {
	tags := map[string]string{"bpa:stack": c.Name, "bpa:managed-by": "pulumi"}
	maps.Copy(tags, c.AWS.Tags)
	return tags
}
