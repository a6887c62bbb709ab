package chartcheck

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/chart"
)

// advise names what a chart shows of things that only a deployment proves: TLS to PostgreSQL, databases that MongoDB's user may not
// use, and SQL that BPA's roles may not run.
func advise(c *config.Config, objects []chart.Object) []chart.Problem {
	var all []chart.Problem
	add := func(o chart.Object, text string) {
		all = append(all, chart.Problem{File: o.File, Line: o.Line(""), Text: o.Name() + ": " + text, Object: o.Manifest})
	}
	tls := !c.Database.ForceTLS || slices.ContainsFunc(objects, func(o chart.Object) bool { return saysTLS(o.Manifest) })
	for _, o := range objects {
		if !tls && runsKong(o.Manifest) {
			add(o, "Kong speaks to PostgreSQL without TLS unless KONG_PG_SSL is on, and the stack's refuses that: set it in "+
				"application.environment, or bpa:database.forceTls to false")
		}
		for _, name := range mongoDatabases(o.Manifest) {
			if !slices.Contains(c.Atlas.Databases, name) {
				add(o, fmt.Sprintf("names the MongoDB database %s, and BPA's user may use %s alone: add it to bpa:atlas.databases",
					name, strings.Join(c.Atlas.Databases, ", ")))
			}
		}
		for _, statement := range statements(o.Manifest) {
			add(
				o,
				fmt.Sprintf("holds %s, and BPA's roles, admin too, may neither make roles nor databases, nor change the server: have the "+
					"master user run it", statement),
			)
		}
	}
	return all
}

// texts visits every text of an object with the name that it has: its key, the name of a container's variable, or, of KEY=VALUE in a
// file of several lines, the key.
func texts(value any, visit func(name, text string)) {
	var walk func(name string, value any)
	walk = func(name string, value any) {
		switch v := value.(type) {
		case string:
			visit(name, v)
			for line := range strings.Lines(v) {
				key, text, found := strings.Cut(strings.TrimSpace(line), "=")
				if found && key != v {
					visit(strings.TrimPrefix(strings.TrimSpace(key), "export "), strings.TrimSpace(text))
				}
			}
		case []any:
			for _, item := range v {
				walk(name, item)
			}
		case map[string]any:
			if variable, ok := v["name"].(string); ok && v["value"] != nil {
				walk(variable, v["value"])
				return
			}
			for _, key := range slices.Sorted(maps.Keys(v)) {
				walk(key, v[key])
			}
		}
	}
	walk("", value)
}

// saysTLS reports whether an object sets Kong's pg_ssl, which is off by default. Source: Kong's kong.conf.default, and Kong Gateway's
// "PostgreSQL TLS configuration reference".
func saysTLS(manifest map[string]any) bool {
	found := false
	texts(manifest, func(name, text string) {
		name = strings.ToLower(name)
		found = found || (name == "kong_pg_ssl" || name == "pg_ssl") && slices.Contains([]string{"on", "true"}, strings.ToLower(text))
	})
	return found
}

// runsKong reports whether a container's image is called kong.
func runsKong(manifest map[string]any) bool {
	found := false
	texts(manifest, func(name, text string) {
		repository, _, _ := strings.Cut(path.Base(text), ":")
		found = found || name == "image" && repository == "kong"
	})
	return found
}

var (
	mongoURL = regexp.MustCompile(`mongodb(?:\+srv)?://[^\s"'/]+/([A-Za-z0-9_-]+)`)
	mongoKey = regexp.MustCompile(`(?i)^mongo(?:db)?_?\w*(?:db|database)(?:_?name)?$`)
	// sqlOfOthers are statements that need CREATEROLE, CREATEDB or a superuser: components/database/assets/bootstrap.sql gives none.
	sqlOfOthers = regexp.MustCompile(`(?i)\b(?:CREATE\s+(?:ROLE|USER|DATABASE)|ALTER\s+SYSTEM|ALTER\s+(?:ROLE|USER)\s+\S+\s+SUPERUSER)\b`)
	word        = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// mongoDatabases are the databases of MongoDB that an object names, in a URL or by a key such as MONGO_DB_NAME; admin is where users
// log in.
func mongoDatabases(manifest map[string]any) []string {
	var names []string
	texts(manifest, func(name, text string) {
		for _, m := range mongoURL.FindAllStringSubmatch(text, -1) {
			names = append(names, m[1])
		}
		if mongoKey.MatchString(name) && word.MatchString(text) {
			names = append(names, text)
		}
	})
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == "admin" })
}

// statements are those of sqlOfOthers in an object, each once, in one spelling.
func statements(manifest map[string]any) []string {
	var found []string
	texts(manifest, func(_, text string) {
		for _, s := range sqlOfOthers.FindAllString(text, -1) {
			found = append(found, strings.ToUpper(strings.Join(strings.Fields(s), " ")))
		}
	})
	slices.Sort(found)
	return slices.Compact(found)
}
