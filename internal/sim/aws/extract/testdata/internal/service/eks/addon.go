package eks

// A resource in the form of the provider's source, for the test of the reader.

import "example.invalid/names"

// @SDKResource("aws_eks_addon", name="Add-On")
func resourceAddon() *schema.Resource {
	return &schema.Resource{
		Schema: map[string]*schema.Schema{
			"addon_name":         {Type: schema.TypeString, Required: true, ForceNew: true},
			names.AttrTags:       tftags.TagsSchema(),
			"addon_version":      {Type: schema.TypeString, Optional: true, Computed: true, ConflictsWith: []string{"preserve"}},
			"preserve":           {Type: schema.TypeBool, Optional: true, Default: false},
			"configuration_rule": ruleSchema(),
		},
	}
}

func ruleSchema() *schema.Schema {
	return &schema.Schema{
		Type: schema.TypeSet, Optional: true, MaxItems: 2,
		Elem: &schema.Resource{Schema: map[string]*schema.Schema{
			"rule_name": {Type: schema.TypeString, Required: true, ForceNew: true},
		}},
	}
}
