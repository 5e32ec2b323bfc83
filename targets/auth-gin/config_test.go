package main

import (
	"strings"
	"testing"
	"time"
)

func TestReadConfig(t *testing.T) {
	given := map[string]string{
		"HOST": "127.0.0.1", "PORT": "8080", "DATABASE_URL": "postgres://", "SINK_URL": "http://127.0.0.1:1",
		"JWT_SECRET": strings.Repeat("s", 32), "JWT_TTL_S": "60", "SERVER_TIMING": "1",
	}
	c, err := readConfig(func(name string) string { return given[name] })
	if err != nil {
		t.Fatal(err)
	}
	if c.Address != "127.0.0.1:8080" || c.JWTTTL != time.Minute || !c.ServerTiming || !c.TrustProxy || c.PoolSize != 20 {
		t.Errorf("got %+v", c)
	}
}

func TestAllProblemsOfTheConfigAreSaid(t *testing.T) {
	given := map[string]string{"JWT_SECRET": "short", "BCRYPT_COST": "3", "RATE_RPS": "NaN", "TRUST_PROXY": "yes", "LOG_LEVEL": "loud"}
	_, err := readConfig(func(name string) string { return given[name] })
	if err == nil {
		t.Fatal("it was accepted")
	}
	for _, name := range []string{"HOST", "PORT", "DATABASE_URL", "SINK_URL", "JWT_SECRET", "BCRYPT_COST", "RATE_RPS", "TRUST_PROXY", "LOG_LEVEL"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not in %q", name, err)
		}
	}
}
