package clients

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-chassis/cari/pkg/errsvc"
	kie "github.com/go-chassis/kie-client"
)

// config is a client and a project of its own, so that no other test moves what is counted here.
func config(t *testing.T) (*kie.Client, string) {
	t.Helper()
	c := must[*kie.Client](t)(kie.NewClient(kie.Config{Endpoint: "http://" + address()}))
	return c, unique("project")
}

func create(t *testing.T, c *kie.Client, project, key, value string,
	labels map[string]string) *kie.KVDoc {
	t.Helper()
	return must[*kie.KVDoc](t)(c.Create(context.Background(), kie.KVRequest{
		Key: key, Value: value, Status: "enabled", ValueType: "text", Labels: labels,
	}, kie.WithProject(project)))
}

func code(t *testing.T, what string, err error, want int32) {
	t.Helper()
	var answer *errsvc.Error
	if !errors.As(err, &answer) {
		t.Errorf("M3: %s: got %v, which is no error of the server", what, err)
	} else if answer.Code != want {
		t.Errorf("M3: %s: got code %d (%v), want %d", what, answer.Code, answer, want)
	}
}

func TestKieItemLife(t *testing.T) {
	c, project := config(t)
	ctx := context.Background()
	labels := map[string]string{"app": "shop"}
	made := create(t, c, project, "limit", "10", labels)
	if made.ID == "" || made.CreateRevision == 0 || made.UpdateTime == 0 {
		t.Errorf("M6, M37: created: got %+v", made)
	}
	same(t, "value", made.Value, "10")
	same(t, "M35: value type", made.ValueType, "text")
	same(t, "status", made.Status, "enabled")
	same(t, "label", made.Labels["app"], "shop")

	put := must[*kie.KVDoc](t)(c.Put(ctx, kie.KVRequest{
		ID: made.ID, Key: "another", Value: "20", Labels: map[string]string{"app": "bank"},
	}, kie.WithProject(project)))
	same(t, "value after put", put.Value, "20")
	same(t, "M38: key after put", put.Key, "limit")
	same(t, "M38: label after put", put.Labels["app"], "shop")
	same(t, "M38: status after put", put.Status, "enabled")
	same(t, "created at", put.CreateRevision, made.CreateRevision)
	if put.UpdateRevision <= made.UpdateRevision {
		t.Errorf("M32: revision after put: got %d after %d", put.UpdateRevision, made.UpdateRevision)
	}

	got := must[*kie.KVDoc](t)(c.Get(ctx, made.ID, kie.WithGetProject(project)))
	same(t, "id", got.ID, made.ID)
	same(t, "value by id", got.Value, "20")

	if err := c.Delete(ctx, made.ID, kie.WithProject(project)); err != nil {
		t.Errorf("M6: delete: %v", err)
	}
	_, err := c.Get(ctx, made.ID, kie.WithGetProject(project))
	code(t, "get after delete", err, 404001)
	_, err = c.Put(ctx, kie.KVRequest{ID: made.ID, Value: "1"}, kie.WithProject(project))
	code(t, "put after delete", err, 404001)
}

func TestKieRefusesWhatItMust(t *testing.T) {
	c, project := config(t)
	ctx := context.Background()
	create(t, c, project, "twice", "1", nil)
	_, err := c.Create(ctx, kie.KVRequest{Key: "twice", Value: "2"}, kie.WithProject(project))
	code(t, "a key that exists", err, 409001)
	_, err = c.Create(ctx, kie.KVRequest{Key: "", Value: "2"}, kie.WithProject(project))
	code(t, "no key", err, 400001)
	_, err = c.Create(ctx, kie.KVRequest{Key: "typed", Value: "2", ValueType: "picture"},
		kie.WithProject(project))
	code(t, "an unknown type", err, 400001)
	_, _, err = c.List(ctx, kie.WithGetProject(project), kie.WithWait("5"))
	code(t, "a wait without a unit", err, 400001)
}

func TestKieListByLabels(t *testing.T) {
	c, project := config(t)
	ctx := context.Background()
	app := map[string]string{"app": "shop"}
	create(t, c, project, "limit", "of app", app)
	create(t, c, project, "limit", "of service",
		map[string]string{"app": "shop", "service": "orders"})
	create(t, c, project, "other", "of app", app)
	values := func(options ...kie.GetOption) map[string]int {
		t.Helper()
		options = append(options, kie.WithGetProject(project), kie.WithRevision(-1))
		got, _, err := c.List(ctx, options...)
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		same(t, "M34: total", got.Total, len(got.Data))
		counted := map[string]int{}
		for _, item := range got.Data {
			counted[item.Key+" "+item.Value]++
		}
		return counted
	}
	got := values(kie.WithLabels(app))
	same(t, "M36: items that have the label", len(got), 3)
	got = values(kie.WithLabels(app), kie.WithExact())
	same(t, "M36: items of exactly the label", len(got), 2)
	same(t, "M36: the service's own", got["limit of service"], 0)
	got = values(kie.WithKey("limit"), kie.WithLabels(app), kie.WithExact())
	same(t, "items of key and label", len(got), 1)
	same(t, "the item of key and label", got["limit of app"], 1)
	got = values(kie.WithLabels(map[string]string{"app": "bank"}))
	same(t, "M34: items of nobody's label", len(got), 0)
}

func TestKieDeleteMany(t *testing.T) {
	c, project := config(t)
	ctx := context.Background()
	one, two := create(t, c, project, "one", "1", nil), create(t, c, project, "two", "2", nil)
	create(t, c, project, "three", "3", nil)
	err := c.Delete(ctx, one.ID+","+two.ID, kie.WithProject(project))
	if err != nil {
		t.Fatalf("M39: %v", err)
	}
	got, _, err := c.List(ctx, kie.WithGetProject(project), kie.WithRevision(-1))
	if err != nil || len(got.Data) != 1 || got.Data[0].Key != "three" {
		t.Errorf("M39: left: got %+v, %v; want three alone", got, err)
	}
}

// The client sends the revision it saw last, beginning with 0.
func TestKieListByRevision(t *testing.T) {
	c, project := config(t)
	ctx := context.Background()
	item := create(t, c, project, "limit", "10", nil)
	got, revision, err := c.List(ctx, kie.WithGetProject(project))
	if err != nil || len(got.Data) != 1 {
		t.Fatalf("M31: the first list: got %+v, %v", got, err)
	}
	same(t, "M2: the client's revision", c.CurrentRevision(), revision)
	if int64(revision) < item.UpdateRevision {
		t.Errorf("M32: revision %d of the list is older than the item's %d",
			revision, item.UpdateRevision)
	}
	_, _, err = c.List(ctx, kie.WithGetProject(project), kie.WithRevision(revision))
	if err != kie.ErrNoChanges {
		t.Errorf("M31: list of the same revision: got %v, want %v", err, kie.ErrNoChanges)
	}
	same(t, "M2: the client's revision after an unchanged answer", c.CurrentRevision(), revision)
	_, _, err = c.List(ctx, kie.WithGetProject(project), kie.WithRevision(revision-1))
	if err != nil {
		t.Errorf("M31: list of another revision: %v", err)
	}
	last := revision
	for name, change := range map[string]func(){
		"update": func() {
			must[*kie.KVDoc](t)(c.Put(ctx, kie.KVRequest{ID: item.ID, Value: "20"},
				kie.WithProject(project)))
		},
		"create": func() { create(t, c, project, "other", "1", nil) },
	} {
		change()
		_, now, err := c.List(ctx, kie.WithGetProject(project), kie.WithRevision(last))
		if err != nil || now <= last {
			t.Errorf("M32: revision after %s: got %d, %v; was %d", name, now, err, last)
		}
		last = now
	}
	if err := c.Delete(ctx, item.ID, kie.WithProject(project)); err != nil {
		t.Fatal(err)
	}
	_, now, err := c.List(ctx, kie.WithGetProject(project), kie.WithRevision(last))
	if err != nil || now <= last {
		t.Errorf("M32: revision after delete: got %d, %v; was %d", now, err, last)
	}
}

func TestKieLongPoll(t *testing.T) {
	c, project := config(t)
	ctx := context.Background()
	labels := map[string]string{"app": "shop"}
	item := create(t, c, project, "limit", "10", labels)
	poll := func(revision int, wait string) (*kie.KVResponse, int, error) {
		return c.List(ctx, kie.WithGetProject(project), kie.WithLabels(labels), kie.WithExact(),
			kie.WithRevision(revision), kie.WithWait(wait))
	}
	begun := time.Now()
	_, revision, err := poll(-1, "30s")
	if err != nil || time.Since(begun) > 10*time.Second {
		t.Fatalf("M31: a wait from revision -1: %v after %v", err, time.Since(begun))
	}
	begun = time.Now()
	_, _, err = poll(revision, "1s")
	took := time.Since(begun)
	if err != kie.ErrNoChanges || took < 900*time.Millisecond || took > 15*time.Second {
		t.Errorf("M33: a wait of 1 s: got %v after %v, want %v", err, took, kie.ErrNoChanges)
	}

	type answer struct {
		got *kie.KVResponse
		err error
	}
	answers := make(chan answer, 1)
	begun = time.Now()
	go func() {
		got, _, err := poll(revision, "40s")
		answers <- answer{got, err}
	}()
	time.Sleep(300 * time.Millisecond)
	select {
	case a := <-answers:
		t.Fatalf("the poll did not wait: %+v", a)
	default:
	}
	other, _ := config(t)
	must[*kie.KVDoc](t)(other.Put(ctx, kie.KVRequest{ID: item.ID, Value: "20"},
		kie.WithProject(project)))
	a := <-answers
	if a.err != nil || len(a.got.Data) != 1 || a.got.Data[0].Value != "20" {
		t.Errorf("woken: got %+v, %v; want the new value", a.got, a.err)
	}
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("woken only after %v", took)
	}
}
