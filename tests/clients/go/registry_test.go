package clients

import (
	"encoding/json"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/go-chassis/cari/discovery"
	sc "github.com/go-chassis/sc-client"
)

func TestRegistryServiceIsFoundByKeyAndById(t *testing.T) {
	c := registry(t)
	name := unique("orders")
	wanted := &discovery.MicroService{
		AppId: "shop", ServiceName: name, Version: "1.2.3", Environment: "testing", Level: "BACK",
		Description: "takes orders", Schemas: []string{"a", "b"},
		Properties: map[string]string{"colour": "red"},
		Framework:  &discovery.FrameWork{Name: "Go-Chassis", Version: "2.8.0"},
	}
	id := must[string](t)(c.RegisterService(wanted))
	again := &discovery.MicroService{
		AppId: "shop", ServiceName: name, Version: "1.2.3", Environment: "testing"}
	same(t, "M12: id of the same key", must[string](t)(c.RegisterService(again)), id)
	same(t, "id by key",
		must[string](t)(c.GetMicroServiceID("shop", name, "1.2.3", "testing")), id)
	same(t, "M4: id in another environment",
		must[string](t)(c.GetMicroServiceID("shop", name, "1.2.3", "production")), "")

	got := must[*discovery.MicroService](t)(c.GetMicroService(id))
	same(t, "name", got.ServiceName, name)
	same(t, "version", got.Version, "1.2.3")
	same(t, "environment", got.Environment, "testing")
	same(t, "level", got.Level, "BACK")
	same(t, "description", got.Description, "takes orders")
	same(t, "property", got.Properties["colour"], "red")
	same(t, "schemas", strings.Join(got.Schemas, ","), "a,b")
	if got.Framework == nil || got.Framework.Name != "Go-Chassis" {
		t.Errorf("framework: got %v", got.Framework)
	}
	listed := must[[]*discovery.MicroService](t)(c.GetAllMicroServices())
	if serviceOf(listed, id) == nil {
		t.Errorf("%s is not among all %d services", id, len(listed))
	}
}

func TestRegistryApplications(t *testing.T) {
	c := registry(t)
	app := unique("app")
	must[string](t)(c.RegisterService(&discovery.MicroService{AppId: app, ServiceName: "front"}))
	apps := must[[]string](t)(c.GetAllApplications())
	if !contains(apps, app) {
		t.Errorf("applications: got %v, without %s", apps, app)
	}
}

func TestRegistryServiceByNameAloneTakesDefaults(t *testing.T) {
	c := registry(t)
	name := unique("plain")
	id := must[string](t)(c.RegisterService(&discovery.MicroService{ServiceName: name}))
	got := must[*discovery.MicroService](t)(c.GetMicroService(id))
	same(t, "M14: version", got.Version, "0.0.1")
	same(t, "M14: app", got.AppId, "default")
}

func TestRegistryRefusesWhatItMust(t *testing.T) {
	c := registry(t)
	_, err := c.RegisterService(&discovery.MicroService{ServiceName: "simple&Service"})
	refused(t, "a name with &", err, `"errorCode":"400001"`)
	_, err = c.RegisterMicroServiceInstance(&discovery.MicroServiceInstance{
		HostName: "h", Endpoints: []string{"rest://h:1"}})
	refused(t, "M29: an instance of no service", err, "response StatusCode: 400")
	_, err = c.RegisterMicroServiceInstance(&discovery.MicroServiceInstance{
		ServiceId: "nobody", HostName: "h", Endpoints: []string{"rest://h:1"}})
	refused(t, "an instance of an unknown service", err, `"errorCode":"400012"`)
	_, err = c.GetMicroService("nobody")
	refused(t, "an unknown service", err, `"errorCode":"400012"`)
	_, err = c.GetMicroServiceInstances("nobody", "nobody")
	refused(t, "instances of an unknown service", err, `"errorCode":"400012"`)
	_, err = c.GetProviders("nobody")
	refused(t, "providers of an unknown service", err, `"errorCode":"400012"`)
	_, err = c.UnregisterMicroService("nobody")
	refused(t, "the end of an unknown service", err, `"errorCode":"400012"`)
}

func TestRegistrySchemas(t *testing.T) {
	c := registry(t)
	s := service(t, c, unique("schemas"))
	const text = `{"swagger":"2.0","info":{"title":"über"}}`
	for _, schema := range []string{"first", text} {
		if err := c.AddSchemas(s.ServiceId, "hello", schema); err != nil {
			t.Fatalf("add: %v", err)
		}
	}
	body := must[[]byte](t)(c.GetSchema(s.ServiceId, "hello"))
	var got map[string]string
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatalf("M27: %v in %s", err, body)
	}
	same(t, "M27: schema", got["schema"], text)
	same(t, "M27: fields of the answer", len(got), 1)
	same(t, "ids of the schemas",
		strings.Join(must[*discovery.MicroService](t)(c.GetMicroService(s.ServiceId)).Schemas, ","),
		"hello")
	if err := c.AddSchemas("nobody", "hello", text); err == nil {
		t.Error("a schema of an unknown service was taken")
	}
}

func TestRegistryServicePropertiesArePutByWholeObject(t *testing.T) {
	c := registry(t)
	s := service(t, c, unique("properties"))
	s.Properties = map[string]string{"stage": "two"}
	must[bool](t)(c.UpdateMicroServiceProperties(s.ServiceId, s))
	got := must[*discovery.MicroService](t)(c.GetMicroService(s.ServiceId))
	same(t, "M10: property", got.Properties["stage"], "two")
	same(t, "name afterwards", got.ServiceName, s.ServiceName)
}

func TestRegistryUnregisteredServiceIsGone(t *testing.T) {
	c := registry(t)
	s := service(t, c, unique("leaving"))
	i := instance(t, c, s, "h1")
	must[bool](t)(c.UnregisterMicroService(s.ServiceId))
	same(t, "id by key",
		must[string](t)(c.GetMicroServiceID("shop", s.ServiceName, "1.2.3", "")), "")
	_, err := c.GetMicroService(s.ServiceId)
	refused(t, "the service", err, `"errorCode":"400012"`)
	_, err = c.Heartbeat(s.ServiceId, i)
	refused(t, "its instance's heartbeat", err, `"errorCode":"4000`)
}

func TestRegistryInstanceLife(t *testing.T) {
	c := registry(t)
	s := service(t, c, unique("living"))
	consumer := service(t, c, unique("consumer"))
	wanted := &discovery.MicroServiceInstance{
		ServiceId: s.ServiceId, HostName: "h1", Endpoints: []string{"rest://h1:1", "grpc://h1:2"},
		Properties:     map[string]string{"zone": "east"},
		HealthCheck:    &discovery.HealthCheck{Mode: "push", Interval: 7, Times: 4},
		DataCenterInfo: &discovery.DataCenterInfo{Name: "dc", Region: "r", AvailableZone: "az"},
	}
	id := must[string](t)(c.RegisterMicroServiceInstance(wanted))
	got := one(t, c, consumer, s)
	same(t, "id", got.InstanceId, id)
	same(t, "M15: service", got.ServiceId, s.ServiceId)
	same(t, "M15: version", got.Version, "1.2.3")
	same(t, "M14: status", got.Status, sc.MSInstanceUP)
	same(t, "host", got.HostName, "h1")
	same(t, "endpoints", strings.Join(got.Endpoints, " "), "rest://h1:1 grpc://h1:2")
	same(t, "property", got.Properties["zone"], "east")
	if got.HealthCheck == nil || got.HealthCheck.Interval != 7 || got.HealthCheck.Times != 4 {
		t.Errorf("health check: got %v", got.HealthCheck)
	}
	if got.DataCenterInfo == nil || got.DataCenterInfo.AvailableZone != "az" {
		t.Errorf("data center: got %v", got.DataCenterInfo)
	}

	same(t, "heartbeat", must[bool](t)(c.Heartbeat(s.ServiceId, id)), true)
	must[bool](t)(c.UpdateMicroServiceInstanceStatus(s.ServiceId, id, "OUTOFSERVICE"))
	same(t, "status", one(t, c, consumer, s).Status, "OUTOFSERVICE")
	_, err := c.UpdateMicroServiceInstanceStatus(s.ServiceId, id, "ASLEEP")
	refused(t, "M16: an unknown status", err, `"errorCode":"400001"`)
	same(t, "status after the refusal", one(t, c, consumer, s).Status, "OUTOFSERVICE")

	wanted.Properties = map[string]string{"zone": "west"}
	must[bool](t)(c.UpdateMicroServiceInstanceProperties(s.ServiceId, id, wanted))
	same(t, "M10: property", one(t, c, consumer, s).Properties["zone"], "west")

	must[bool](t)(c.UnregisterMicroServiceInstance(s.ServiceId, id))
	left := must[[]*discovery.MicroServiceInstance](t)(
		c.GetMicroServiceInstances(consumer.ServiceId, s.ServiceId))
	same(t, "instances after the end", len(left), 0)
	_, err = c.Heartbeat(s.ServiceId, id)
	refused(t, "M5: heartbeat after the end", err, `"errorCode":"400017"`)
	_, err = c.UnregisterMicroServiceInstance(s.ServiceId, id)
	refused(t, "a second end", err, `"errorCode":"400017"`)
}

func TestRegistryInstanceKeepsItsId(t *testing.T) {
	c := registry(t)
	s := service(t, c, unique("own-id"))
	own := &discovery.MicroServiceInstance{InstanceId: unique("mine"), ServiceId: s.ServiceId,
		HostName: "h1", Endpoints: []string{"rest://h1:1"}}
	for _, round := range []string{"first", "second"} {
		id := must[string](t)(c.RegisterMicroServiceInstance(own))
		same(t, "M13: id at the "+round+" time", id, own.InstanceId)
	}
	same(t, "M13: instance", one(t, c, s, s).InstanceId, own.InstanceId)
}

func TestRegistryInstanceEndsWithoutHeartbeats(t *testing.T) {
	c := registry(t)
	s := service(t, c, unique("short"))
	must[string](t)(c.RegisterMicroServiceInstance(short(s, "h1")))
	beating := must[string](t)(c.RegisterMicroServiceInstance(short(s, "h2")))
	eventually(t, "the instance without heartbeats ends, the other stays", func() bool {
		must[bool](t)(c.Heartbeat(s.ServiceId, beating))
		left := must[[]*discovery.MicroServiceInstance](t)(
			c.GetMicroServiceInstances(s.ServiceId, s.ServiceId))
		return len(left) == 1 && left[0].InstanceId == beating
	})
}

func TestRegistryFindByRevision(t *testing.T) {
	c := registry(t)
	provider := service(t, c, unique("provider"))
	consumer := service(t, c, unique("consumer"))
	find := func(o ...sc.CallOption) ([]*discovery.MicroServiceInstance, error) {
		return c.FindMicroServiceInstances(
			consumer.ServiceId, "shop", provider.ServiceName, "0.0.0+", o...)
	}
	first := instance(t, c, provider, "h1")
	same(t, "M7: found", ids(must[[]*discovery.MicroServiceInstance](t)(find())), first)
	if _, err := find(); err != sc.ErrNotModified {
		t.Errorf("M1, M8: the same revision: got %v, want %v", err, sc.ErrNotModified)
	}
	full := must[[]*discovery.MicroServiceInstance](t)(find(sc.WithoutRevision()))
	same(t, "M8: found without a revision", ids(full), first)
	second := instance(t, c, provider, "h2")
	same(t, "found after a change", ids(must[[]*discovery.MicroServiceInstance](t)(find())),
		join(first, second))
	c.ResetRevision()
	same(t, "M8: found by a foreign revision",
		ids(must[[]*discovery.MicroServiceInstance](t)(find())), join(first, second))
	must[bool](t)(c.UnregisterMicroServiceInstance(provider.ServiceId, first))
	must[bool](t)(c.UnregisterMicroServiceInstance(provider.ServiceId, second))
	same(t, "found after the end of all",
		ids(must[[]*discovery.MicroServiceInstance](t)(find())), "")

	_, err := c.FindMicroServiceInstances(consumer.ServiceId, "shop", unique("nobody"), "0.0.0+")
	if err != sc.ErrMicroServiceNotExists {
		t.Errorf("M3, M4: an unknown service: got %v, want %v", err, sc.ErrMicroServiceNotExists)
	}
	_, err = c.FindMicroServiceInstances("", "shop", provider.ServiceName, "latest",
		sc.WithoutRevision())
	if err != nil {
		t.Errorf("M9: a find without a consumer: %v", err)
	}
}

func TestRegistryFindMakesDependency(t *testing.T) {
	c := registry(t)
	provider := service(t, c, unique("provider"))
	consumer := service(t, c, unique("consumer"))
	instance(t, c, provider, "h1")
	must[[]*discovery.MicroServiceInstance](t)(
		c.FindMicroServiceInstances(consumer.ServiceId, "shop", provider.ServiceName, "0.0.0+"))
	eventually(t, "the consumer has its provider", func() bool {
		got := must[*sc.MicroServiceProvideResponse](t)(c.GetProviders(consumer.ServiceId))
		return serviceOf(got.Services, provider.ServiceId) != nil
	})
}

func TestRegistryBatchFind(t *testing.T) {
	c := registry(t)
	consumer := service(t, c, unique("consumer"))
	one, two := service(t, c, unique("one")), service(t, c, unique("two"))
	inOne, inTwo := instance(t, c, one, "h1"), instance(t, c, two, "h2")
	asked := func(name, revision string) *discovery.FindService {
		return &discovery.FindService{Rev: revision, Service: &discovery.MicroServiceKey{
			AppId: "shop", ServiceName: name, Version: "0.0.0+"}}
	}
	find := func(keys ...*discovery.FindService) *discovery.BatchFindResult {
		t.Helper()
		got := must[*discovery.BatchFindInstancesResponse](t)(
			c.BatchFindInstances(consumer.ServiceId, keys))
		if got.Services == nil {
			t.Fatal("the answer has no services")
		}
		return got.Services
	}
	got := find(asked(one.ServiceName, ""), asked(unique("nobody"), ""), asked(two.ServiceName, ""))
	found, revisions := map[int64]string{}, map[int64]string{}
	for _, result := range got.Updated {
		found[result.Index], revisions[result.Index] = ids(result.Instances), result.Rev
	}
	same(t, "found at index 0", found[0], inOne)
	same(t, "found at index 2", found[2], inTwo)
	same(t, "updated", len(got.Updated), 2)
	if len(got.Failed) != 1 || len(got.Failed[0].Indexes) != 1 || got.Failed[0].Indexes[0] != 1 ||
		got.Failed[0].Error == nil || got.Failed[0].Error.Code != discovery.ErrServiceNotExists {
		t.Errorf("failed: got %+v, want index 1 with %d", got.Failed, discovery.ErrServiceNotExists)
	}

	third := instance(t, c, two, "h3")
	got = find(asked(one.ServiceName, revisions[0]), asked(two.ServiceName, revisions[2]))
	if len(got.NotModified) != 1 || got.NotModified[0] != 0 {
		t.Errorf("not modified: got %v, want index 0", got.NotModified)
	}
	if len(got.Updated) != 1 || got.Updated[0].Index != 1 ||
		ids(got.Updated[0].Instances) != join(inTwo, third) {
		t.Errorf("updated: got %+v, want index 1 with two instances", got.Updated)
	}
}

func TestRegistryHealthGivesEndpointsToUse(t *testing.T) {
	c := registry(t)
	got := must[[]*discovery.MicroServiceInstance](t)(c.Health())
	if len(got) != 1 || len(got[0].Endpoints) == 0 {
		t.Fatalf("M26: got %+v, want one instance with endpoints", got)
	}
	if err := c.SyncEndpoints(); err != nil {
		t.Fatalf("M26: %v", err)
	}
	service(t, c, unique("by-health"))
}

func TestRegistryAllResources(t *testing.T) {
	c := registry(t)
	s := service(t, c, unique("resource"))
	id := instance(t, c, s, "h1")
	for _, detail := range must[[]*discovery.ServiceDetail](t)(c.GetAllResources("instances")) {
		if detail.MicroService != nil && detail.MicroService.ServiceId == s.ServiceId {
			same(t, "instances", ids(detail.Instances), id)
			return
		}
	}
	t.Errorf("%s is not among the resources", s.ServiceId)
}

func TestRegistryWatch(t *testing.T) {
	c, other := registry(t), registry(t)
	provider := service(t, c, unique("provider"))
	consumer := service(t, c, unique("consumer"))
	find := func() string {
		return ids(must[[]*discovery.MicroServiceInstance](t)(c.FindMicroServiceInstances(
			consumer.ServiceId, "shop", provider.ServiceName, "0.0.0+", sc.WithoutRevision())))
	}
	find()
	events := make(chan *sc.MicroServiceInstanceChangedEvent, 100)
	err := c.WatchMicroService(consumer.ServiceId, func(e *sc.MicroServiceInstanceChangedEvent) {
		events <- e
	})
	if err != nil {
		t.Fatalf("watch: %v", err)
	}
	expect := func(action, id, status, found string) {
		t.Helper()
		select {
		case e := <-events:
			if e.Key == nil || e.Instance == nil {
				t.Fatalf("M19: %s without key or instance: %+v", e.Action, e)
			}
			same(t, "M19: action", e.Action, action)
			same(t, "instance", e.Instance.InstanceId, id)
			same(t, "status", e.Instance.Status, status)
			same(t, "M19: tenant", e.Key.Tenant, "default/default")
			same(t, "M19: app", e.Key.AppId, "shop")
			same(t, "M19: service", e.Key.ServiceName, provider.ServiceName)
			same(t, "M19: version", e.Key.Version, "1.2.3")
			same(t, "M17: found after "+action, find(), found)
		case <-time.After(timeMax):
			t.Fatalf("no %s of %s within %v", action, id, timeMax)
		}
	}
	id := instance(t, other, provider, "h1")
	expect(sc.EventCreate, id, "UP", id)
	must[bool](t)(other.UpdateMicroServiceInstanceStatus(provider.ServiceId, id, "DOWN"))
	expect(sc.EventUpdate, id, "DOWN", id)
	must[bool](t)(other.UpdateMicroServiceInstanceProperties(provider.ServiceId, id,
		&discovery.MicroServiceInstance{Properties: map[string]string{"zone": "west"}}))
	expect(sc.EventUpdate, id, "DOWN", id)
	must[bool](t)(other.UnregisterMicroServiceInstance(provider.ServiceId, id))
	expect(sc.EventDelete, id, "DOWN", "")
	dying := must[string](t)(other.RegisterMicroServiceInstance(short(provider, "h2")))
	expect(sc.EventCreate, dying, "UP", dying)
	expect(sc.EventDelete, dying, "UP", "")
}

// A heartbeat by WebSocket keeps an instance without any request; once the instance is gone the
// client is told to register it anew.
func TestRegistryHeartbeatByWebSocket(t *testing.T) {
	c, other := registry(t), registry(t)
	s := service(t, c, unique("ws"))
	id := must[string](t)(c.RegisterMicroServiceInstance(short(s, "h1")))
	silent := must[string](t)(c.RegisterMicroServiceInstance(short(s, "h2")))
	again := make(chan struct{}, 10)
	err := c.WSHeartbeat(s.ServiceId, id, func() {
		must[string](t)(other.RegisterMicroServiceInstance(&discovery.MicroServiceInstance{
			InstanceId: id, ServiceId: s.ServiceId, HostName: "h1",
			Endpoints: []string{"rest://h1:8080"}}))
		again <- struct{}{}
	})
	if err != nil {
		t.Fatalf("M23: %v", err)
	}
	for _, host := range []string{"h2", "h3", "h4"} {
		eventually(t, "the end of an instance without heartbeats", func() bool {
			return !strings.Contains(listed(t, other, s), silent)
		})
		if !strings.Contains(listed(t, other, s), id) {
			t.Fatalf("M23: %s ended in spite of its WebSocket", id)
		}
		silent = must[string](t)(other.RegisterMicroServiceInstance(short(s, host)))
	}
	must[bool](t)(other.UnregisterMicroServiceInstance(s.ServiceId, id))
	select {
	case <-again:
	case <-time.After(timeMax):
		t.Fatalf("M23: the client did not hear within %v that its instance is gone", timeMax)
	}
	if !strings.Contains(listed(t, other, s), id) {
		t.Errorf("M23: %s is not registered again", id)
	}
}

// short is an instance that ends within seconds without heartbeats.
func short(s *discovery.MicroService, host string) *discovery.MicroServiceInstance {
	return &discovery.MicroServiceInstance{
		ServiceId: s.ServiceId, HostName: host, Endpoints: []string{"rest://" + host + ":8080"},
		HealthCheck: &discovery.HealthCheck{Mode: "push", Interval: 1, Times: 1},
	}
}

func one(t *testing.T, c *sc.Client, consumer,
	provider *discovery.MicroService) *discovery.MicroServiceInstance {
	t.Helper()
	got := must[[]*discovery.MicroServiceInstance](t)(
		c.GetMicroServiceInstances(consumer.ServiceId, provider.ServiceId))
	if len(got) != 1 {
		t.Fatalf("got %d instances, want 1", len(got))
	}
	return got[0]
}

func listed(t *testing.T, c *sc.Client, s *discovery.MicroService) string {
	t.Helper()
	return ids(must[[]*discovery.MicroServiceInstance](t)(
		c.GetMicroServiceInstances(s.ServiceId, s.ServiceId)))
}

func refused(t *testing.T, what string, err error, text string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s was not refused", what)
	} else if !strings.Contains(err.Error(), text) {
		t.Errorf("M3: %s: got %q, which does not hold %s", what, err, text)
	}
}

func ids(instances []*discovery.MicroServiceInstance) string {
	all := []string{}
	for _, i := range instances {
		all = append(all, i.InstanceId)
	}
	return join(all...)
}

func join(ids ...string) string {
	sort.Strings(ids)
	return strings.Join(ids, " ")
}

func serviceOf(services []*discovery.MicroService, id string) *discovery.MicroService {
	for _, s := range services {
		if s.ServiceId == id {
			return s
		}
	}
	return nil
}

func contains(all []string, wanted string) bool {
	for _, s := range all {
		if s == wanted {
			return true
		}
	}
	return false
}
