package config

import "fmt"

// Backup describes the snapshots of the nodes' volumes. The database's and Atlas's own backups are theirs.
type Backup struct {
	Enabled       bool   `json:"enabled" production:"true" development:"false" doc:"Snapshots of the nodes' volumes on a schedule. Default: true in production."`
	IntervalHours int    `json:"intervalHours" default:"24" is:"snapshotHours" doc:"Hours between snapshots: 1, 2, 3, 4, 6, 8, 12 or 24. Default 24."`
	Time          string `json:"time" default:"05:00" is:"clock" doc:"When the first of a day begins, UTC, such as 05:00 (default)."`
	Keep          int    `json:"keep" default:"14" from:"1" to:"1000" doc:"How many snapshots of a volume are kept, 1-1000. Default 14."`
}

var snapshotHours = []int{1, 2, 3, 4, 6, 8, 12, 24}

var _ = define(map[string]Format{
	"clock": {Pattern: `^(?:[01][0-9]|2[0-3]):[0-5][0-9]$`, Must: "must be a time such as 05:00"},
	"snapshotHours": {
		Numbers: snapshotHours, Must: fmt.Sprintf("must be an interval that Data Lifecycle Manager offers: %v", snapshotHours),
	},
})
