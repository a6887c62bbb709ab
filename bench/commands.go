package main

import "context"

// halfASecond is what a command may take that reads files alone.
const halfASecond = 0.5

// measureCommands times the commands that a user runs while editing.
func measureCommands(ctx context.Context) ([]Figure, error) {
	check, err := best(5, func() (cost, error) {
		return measure(ctx, ".", nil, "bin/bpactl", "config", "check", "--file", "Pulumi.prod.yaml")
	})
	if err != nil {
		return nil, err
	}
	return []Figure{figure("config check, against half a second", "s", check.wall, halfASecond, 1)}, nil
}
