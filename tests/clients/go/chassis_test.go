package clients

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-chassis/cari/discovery"
	"github.com/go-chassis/go-archaius"
	"github.com/go-chassis/go-archaius/source/remote"
	"github.com/go-chassis/go-chassis/v2"
	_ "github.com/go-chassis/go-chassis/v2/bootstrap"
	"github.com/go-chassis/go-chassis/v2/client/rest"
	"github.com/go-chassis/go-chassis/v2/core"
	"github.com/go-chassis/go-chassis/v2/pkg/util/httputil"
	rf "github.com/go-chassis/go-chassis/v2/server/restful"
	kie "github.com/go-chassis/kie-client"
	sc "github.com/go-chassis/sc-client"
)

// An application of go-chassis is global to its process, so each is this program started again,
// with its configuration in a folder of its own. CHASSIS_ROLE says what it does.
const (
	roleProvider = "provider"
	roleConsumer = "consumer"
	chassisApp   = "chassis"
)

const chassisYAML = `
servicecomb:
  registry:
    type: servicecenter
    address: http://%[1]s
    refreshInterval: 1s
    watch: true
    heartbeat:
      mode: %[2]s
      interval: 10s
  config:
    client:
      type: kie
      serverUri: http://%[1]s
      refreshMode: 0
%[3]s`

const protocolsYAML = `  protocols:
    rest:
      listenAddress: 127.0.0.1:0
`

const microserviceYAML = `
servicecomb:
  service:
    name: %s
    app: %s
    version: 1.2.3
`

// greeter answers with the greeting that is configured and the name of its instance.
type greeter struct{}

func (greeter) Greet(c *rf.Context) {
	greeting := archaius.GetString("greeting", "none")
	if err := c.Write([]byte(greeting + " from " + os.Getenv("CHASSIS_NAME"))); err != nil {
		fmt.Println("answer:", err)
	}
}

func (greeter) URLPatterns() []rf.Route {
	return []rf.Route{{Method: http.MethodGet, Path: "/greet", ResourceFunc: greeter{}.Greet}}
}

func runApplication(role string) {
	if role == roleProvider {
		chassis.RegisterSchema("rest", &greeter{})
	}
	if err := chassis.Init(); err != nil {
		fmt.Println("init:", err)
		os.Exit(1)
	}
	if role == roleConsumer {
		go consume()
	}
	if err := chassis.Run(); err != nil {
		fmt.Println("run:", err)
		os.Exit(1)
	}
}

// consume does for each line of its input what it says, and answers by a line that begins with "=".
func consume() {
	lines := bufio.NewScanner(os.Stdin)
	invoker := core.NewRestInvoker()
	for lines.Scan() {
		word, argument, _ := strings.Cut(lines.Text(), " ")
		answer := "unknown word"
		switch word {
		case "call":
			answer = call(invoker, argument)
		case "config":
			answer = archaius.GetString(argument, "none")
		}
		fmt.Printf("\n=%s\n", answer)
	}
}

func call(invoker *core.RestInvoker, service string) string {
	request, err := rest.NewRequest(http.MethodGet, "http://"+service+"/greet", nil)
	if err != nil {
		return "error: " + err.Error()
	}
	answer, err := invoker.ContextDo(context.Background(), request)
	if err != nil {
		return "error: " + err.Error()
	}
	defer answer.Body.Close()
	return string(httputil.ReadBody(answer))
}

type application struct {
	t       *testing.T
	command *exec.Cmd
	input   io.WriteCloser
	answers chan string
	log     string
	ended   bool
}

// start runs an application; its log is shown where the test fails.
func start(t *testing.T, role, service, name, heartbeat string) *application {
	t.Helper()
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "conf"), 0o755); err != nil {
		t.Fatal(err)
	}
	protocols := ""
	if role == roleProvider {
		protocols = protocolsYAML
	}
	for file, text := range map[string]string{
		"chassis.yaml":      fmt.Sprintf(chassisYAML, address(), heartbeat, protocols),
		"microservice.yaml": fmt.Sprintf(microserviceYAML, service, chassisApp),
	} {
		if err := os.WriteFile(filepath.Join(home, "conf", file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	a := &application{t: t, answers: make(chan string, 10), log: filepath.Join(home, "output")}
	a.command = exec.Command(os.Args[0])
	a.command.Dir = home
	a.command.Env = append(os.Environ(), "CHASSIS_HOME="+home, "CHASSIS_ROLE="+role,
		"CHASSIS_NAME="+name)
	output := must[io.ReadCloser](t)(a.command.StdoutPipe())
	a.command.Stderr = a.command.Stdout
	a.input = must[io.WriteCloser](t)(a.command.StdinPipe())
	if err := a.command.Start(); err != nil {
		t.Fatal(err)
	}
	go a.read(output)
	t.Cleanup(func() {
		if !a.ended {
			_ = a.command.Process.Kill()
			_ = a.command.Wait()
		}
		if t.Failed() {
			text, _ := os.ReadFile(a.log)
			t.Logf("output of %s:\n%s", name, text)
		}
	})
	return a
}

func (a *application) read(output io.Reader) {
	log, err := os.Create(a.log)
	if err != nil {
		return
	}
	defer log.Close()
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		fmt.Fprintln(log, lines.Text())
		if answer, found := strings.CutPrefix(lines.Text(), "="); found {
			a.answers <- answer
		}
	}
}

func (a *application) ask(line string) string {
	a.t.Helper()
	if _, err := fmt.Fprintln(a.input, line); err != nil {
		a.t.Fatalf("the application has ended: %v", err)
	}
	select {
	case answer := <-a.answers:
		return answer
	case <-time.After(timeMax):
		a.t.Fatalf("no answer to %q within %v", line, timeMax)
		return ""
	}
}

// stop asks the application to end by itself, as an orchestrator does.
func (a *application) stop() {
	a.t.Helper()
	if err := a.command.Process.Signal(syscall.SIGTERM); err != nil {
		a.t.Fatal(err)
	}
	a.ended = true
	if err := a.command.Wait(); err != nil {
		a.t.Errorf("the application ended with %v", err)
	}
}

// answersOf calls the service, some calls in a row, until all named instances and no other answer.
func answersOf(t *testing.T, consumer *application, service string, names ...string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s answers from %v alone", service, names), func() bool {
		seen := map[string]bool{}
		for i := 0; i < 6; i++ {
			_, from, _ := strings.Cut(consumer.ask("call "+service), " from ")
			seen[from] = true
		}
		for _, name := range names {
			if !seen[name] {
				return false
			}
		}
		return len(seen) == len(names)
	})
}

func instancesOf(t *testing.T, c *sc.Client, service string) []*discovery.MicroServiceInstance {
	t.Helper()
	id := must[string](t)(c.GetMicroServiceID(chassisApp, service, "1.2.3", ""))
	if id == "" {
		return nil
	}
	return must[[]*discovery.MicroServiceInstance](t)(c.GetMicroServiceInstances(id, id))
}

func TestChassisConsumerFollowsItsProviders(t *testing.T) {
	c := registry(t)
	service := unique("greeter")
	first := start(t, roleProvider, service, "first", "non-keep-alive")
	eventually(t, "the first provider is registered", func() bool {
		return len(instancesOf(t, c, service)) == 1
	})
	got := instancesOf(t, c, service)[0]
	same(t, "M14: status", got.Status, "UP")
	if len(got.Endpoints) != 1 || !strings.HasPrefix(got.Endpoints[0], "rest://127.0.0.1:") {
		t.Errorf("endpoints: got %v", got.Endpoints)
	}
	consumer := start(t, roleConsumer, unique("caller"), "caller", "non-keep-alive")
	answersOf(t, consumer, service, "first")
	second := start(t, roleProvider, service, "second", "non-keep-alive")
	answersOf(t, consumer, service, "first", "second")
	first.stop()
	same(t, "instances after the first has stopped", len(instancesOf(t, c, service)), 1)
	answersOf(t, consumer, service, "second")
	left := instancesOf(t, c, service)[0]
	must[bool](t)(c.UpdateMicroServiceInstanceStatus(left.ServiceId, left.InstanceId, "DOWN"))
	eventually(t, "an instance that is DOWN is not called", func() bool {
		return strings.HasPrefix(consumer.ask("call "+service), "error: ")
	})
	must[bool](t)(c.UpdateMicroServiceInstanceStatus(left.ServiceId, left.InstanceId, "UP"))
	answersOf(t, consumer, service, "second")
	second.stop()
	consumer.stop()
}

func TestChassisProviderRegistersAgain(t *testing.T) {
	for _, heartbeat := range []string{"ping-pong", "non-keep-alive"} {
		t.Run(heartbeat, func(t *testing.T) {
			c := registry(t)
			service := unique("returning")
			start(t, roleProvider, service, "only", heartbeat)
			eventually(t, "the provider is registered", func() bool {
				return len(instancesOf(t, c, service)) == 1
			})
			id := instancesOf(t, c, service)[0]
			must[bool](t)(c.UnregisterMicroServiceInstance(id.ServiceId, id.InstanceId))
			eventually(t, "M5, M23: the provider is registered again", func() bool {
				return len(instancesOf(t, c, service)) == 1
			})
		})
	}
}

func TestChassisConfigurationFollowsKie(t *testing.T) {
	c, _ := config(t)
	ctx := context.Background()
	service := unique("configured")
	put := func(key, value string, labels map[string]string) *kie.KVDoc {
		t.Helper()
		return create(t, c, "default", key, value, labels)
	}
	ofApp := map[string]string{remote.LabelApp: chassisApp, remote.LabelEnvironment: ""}
	ofService := map[string]string{remote.LabelApp: chassisApp, remote.LabelEnvironment: "",
		remote.LabelService: service, remote.LabelVersion: "1.2.3"}
	before := unique("before")
	put(before, "from app", ofApp)
	greeting := put("greeting", "hello", ofService)
	provider := start(t, roleProvider, service, "only", "non-keep-alive")
	consumer := start(t, roleConsumer, unique("caller"), "caller", "non-keep-alive")
	says := func(want string) {
		t.Helper()
		eventually(t, "the provider says: "+want, func() bool {
			return consumer.ask("call "+service) == want+" from only"
		})
	}
	says("hello")
	same(t, "M30, M36: of the app", consumer.ask("config "+before), "from app")
	must[*kie.KVDoc](t)(c.Put(ctx, kie.KVRequest{ID: greeting.ID, Value: "good day"}))
	says("good day")
	must[*kie.KVDoc](t)(c.Put(ctx, kie.KVRequest{
		ID: greeting.ID, Value: "good day", Status: "disabled"}))
	says("none")
	later := unique("later")
	put(later, "came", ofApp)
	eventually(t, "an item that is created later is there", func() bool {
		return consumer.ask("config "+later) == "came"
	})
	provider.stop()
	consumer.stop()
}
