package tags

func TagsSchema() *schema.Schema { return &schema.Schema{Type: schema.TypeMap, Optional: true} }
