package main

import (
	"encoding/json"
	"os"
	"runtime/debug"
)

// reported are the modules whose versions are printed, by their short names.
var reported = map[string]string{
	"github.com/gin-gonic/gin":     "gin",
	"github.com/golang-jwt/jwt/v5": "golang-jwt",
	"github.com/jackc/pgx/v5":      "pgx",
	"golang.org/x/crypto":          "x/crypto",
	"golang.org/x/time":            "x/time",
	"gorm.io/gorm":                 "gorm",
	"gorm.io/driver/postgres":      "gorm-postgres",
}

// printVersions prints as JSON what this program was built with.
func printVersions() {
	versions := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		versions["go"] = info.GoVersion
		for _, module := range info.Deps {
			if name, ok := reported[module.Path]; ok {
				versions[name] = module.Version
			}
		}
	}
	_ = json.NewEncoder(os.Stdout).Encode(versions)
}
