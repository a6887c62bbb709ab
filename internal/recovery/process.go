package recovery

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Process is one of this machine's.
type Process struct {
	ID, Parent int
	// Name is that of its program, without its folder.
	Name string
}

// Plugins are the providers' processes that run without an engine: theirs has been killed.
func Plugins() ([]Process, error) {
	all, err := Processes()
	if err != nil {
		return nil, err
	}
	return orphans(all), nil
}

func orphans(all []Process) (found []Process) {
	names := map[int]string{}
	for _, p := range all {
		names[p.ID] = p.Name
	}
	for _, p := range all {
		if strings.HasPrefix(p.Name, "pulumi-resource-") && names[p.Parent] != "pulumi" {
			found = append(found, p)
		}
	}
	return found
}

// Processes lists what runs: from /proc where there is one, as a container may lack `ps`, and from `ps` elsewhere. What is dead
// and not yet buried is left out.
func Processes() ([]Process, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var all []Process
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// "42 (pulumi) S 41 …": the name may hold anything, and ends with the last parenthesis. It has 15 characters at most.
		text := string(b)
		begin, end := strings.Index(text, "("), strings.LastIndex(text, ")")
		if begin < 0 || end < begin {
			continue
		}
		name := text[begin+1 : end]
		if line, err := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline")); err == nil {
			if program, _, _ := strings.Cut(string(line), "\x00"); strings.HasPrefix(filepath.Base(program), name) {
				name = filepath.Base(program)
			}
		}
		if p, ok := parseProcess(strings.TrimSpace(text[:begin]), strings.Fields(text[end+1:]), name); ok {
			all = append(all, p)
		}
	}
	if len(stats) > 0 {
		return all, nil
	}
	out, err := exec.Command("ps", "-A", "-o", "pid=,stat=,ppid=,comm=").Output()
	if err != nil {
		return nil, fmt.Errorf("ps: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 4 {
			continue
		}
		if p, ok := parseProcess(fields[0], fields[1:3], filepath.Base(strings.Join(fields[3:], " "))); ok {
			all = append(all, p)
		}
	}
	return all, nil
}

// parseProcess reads a process of which the state and the parent are given. One that is dead and not yet buried is none.
func parseProcess(pid string, stateAndParent []string, name string) (Process, bool) {
	if len(stateAndParent) < 2 || strings.HasPrefix(stateAndParent[0], "Z") {
		return Process{}, false
	}
	id, err := strconv.Atoi(pid)
	parent, errParent := strconv.Atoi(stateAndParent[1])
	return Process{ID: id, Parent: parent, Name: name}, err == nil && errParent == nil
}
