package names

const AttrTags = "tags"
