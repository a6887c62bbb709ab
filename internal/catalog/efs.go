package catalog

// The types of efs.
const (
	EFSFileSystem = "aws:efs/fileSystem:FileSystem"
)

var efsTypes = []Type{
	{
		Token: EFSFileSystem,
		Loss: Loss{
			Stateful: true,
			Lost:     "every file in the file system",
			Downtime: "what mounts it fails",
		},
	},
}
