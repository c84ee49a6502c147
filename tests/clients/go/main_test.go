// Package clients holds the published Go clients against a running skepd. run.py starts the daemon
// and gives its address in SKEPD. Names as M12 are those of the must-haves a check covers: what a
// client breaks without.
package clients

import (
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-chassis/cari/discovery"
	sc "github.com/go-chassis/sc-client"
)

const timeMax = 20 * time.Second

var names atomic.Int64

func TestMain(m *testing.M) {
	if role := os.Getenv("CHASSIS_ROLE"); role != "" {
		runApplication(role)
		return
	}
	if os.Getenv("SKEPD") == "" {
		fmt.Println("SKEPD is not set: run this by run.py")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func address() string { return os.Getenv("SKEPD") }

// unique makes a name that no other test uses.
func unique(name string) string { return name + "-" + strconv.FormatInt(names.Add(1), 10) }

// eventually polls until the condition holds; what says what was waited for.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(timeMax)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", timeMax, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%T expected, got error: %v", value, err)
		}
		return value
	}
}

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func registry(t *testing.T) *sc.Client {
	t.Helper()
	client := must[*sc.Client](t)(sc.NewClient(sc.Options{Endpoints: []string{address()}}))
	return client
}

func service(t *testing.T, c *sc.Client, name string) *discovery.MicroService {
	t.Helper()
	s := &discovery.MicroService{AppId: "shop", ServiceName: name, Version: "1.2.3"}
	must[string](t)(c.RegisterService(s))
	return s
}

func instance(t *testing.T, c *sc.Client, s *discovery.MicroService, host string) string {
	t.Helper()
	return must[string](t)(c.RegisterMicroServiceInstance(&discovery.MicroServiceInstance{
		ServiceId: s.ServiceId, HostName: host, Endpoints: []string{"rest://" + host + ":8080"},
	}))
}
