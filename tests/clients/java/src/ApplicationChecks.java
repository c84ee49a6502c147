package skep.clients;

import static skep.clients.Checks.equal;
import static skep.clients.Checks.eventually;
import static skep.clients.Checks.holds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.servicecomb.service.center.client.DiscoveryEvents.InstanceChangedEvent;
import org.apache.servicecomb.service.center.client.RegistrationEvents;
import org.apache.servicecomb.service.center.client.RegistrationEvents.HeartBeatEvent;
import org.apache.servicecomb.service.center.client.RegistrationEvents.SchemaRegistrationEvent;
import org.apache.servicecomb.service.center.client.model.Microservice;
import org.apache.servicecomb.service.center.client.model.MicroserviceInstance;
import org.apache.servicecomb.service.center.client.model.MicroserviceInstanceStatus;
import org.apache.servicecomb.service.center.client.model.SchemaInfo;

/** Providers and consumers as they run: tasks for registration, discovery and watch together. */
final class ApplicationChecks {
  private static final String FIRST = "rest://10.1.0.1:8080";
  private static final String SECOND = "rest://10.1.0.2:8080";

  private final String url;
  private final Microservice orders = Clients.service("mall", "orders", "2.0.0");
  private Application provider;
  private Application second;
  private Application poller;
  private Application watcher;
  private Watch watch;

  ApplicationChecks(String url) {
    this.url = url;
  }

  void run(Checks checks) {
    checks.check("a provider registers with its schemas and stays", this::providerStarts);
    checks.check("M27: a restart with the same schemas finds them, with others replaces them",
                 this::schemas);
    checks.check("a restart that was not deregistered gets its instance back", this::restarts);
    checks.check("M15: a consumer finds the provider whole", this::consumerFinds);
    checks.check("a poll finds a second instance, its status and its end", this::pollFinds);
    checks.check("M1: polls find nothing new while nothing changes", this::pollsRest);
    checks.check("M17, M19: a watch tells of a change without a poll", this::watchTells);
    checks.check("a graceful stop is seen by the watch at once and by the poll", this::stops);
    checks.check("M22: the watch was never closed", this::watchStayed);
  }

  private void providerStarts() throws Exception {
    List<SchemaInfo> schemas = List.of(Clients.schema("a", "openapi: a"),
                                       Clients.schema("b", "openapi: b"));
    provider = new Application(orders, FIRST, schemas, url).start();
    equal("registrations", 1L,
          provider.count(RegistrationEvents.MicroserviceRegistrationEvent.class, true));
    equal("registrations of schemas", 1L, provider.count(SchemaRegistrationEvent.class, true));
    equal("registrations of the instance", 1L, provider.instanceRegistrations());
    holds("the service has its id", orders.getServiceId() != null);
    holds("the instance has its id", provider.instance.getInstanceId() != null);
    eventually("a third heartbeat", () -> provider.count(HeartBeatEvent.class, true), n -> n >= 3);
    equal("failures", List.of(), provider.failures());
    equal("schemas", List.of("openapi: a", "openapi: b"), texts());
  }

  private List<String> texts() {
    return provider.client.getServiceSchemasList(orders.getServiceId(), true).stream()
        .map(SchemaInfo::getSchema).sorted().collect(Collectors.toList());
  }

  private void schemas() throws Exception {
    // The client compares ids alone, and sends its schemas where they are others.
    restartWith(List.of(Clients.schema("a", "openapi: a"), Clients.schema("b", "openapi: b")));
    equal("schemas", List.of("openapi: a", "openapi: b"), texts());
    SchemaInfo changed = Clients.schema("b", "openapi: b, changed");
    restartWith(List.of(changed, Clients.schema("c", "openapi: c")));
    equal("schemas", List.of("openapi: a", "openapi: b, changed", "openapi: c"), texts());
    List<String> summaries = provider.client.getServiceSchemasList(orders.getServiceId(), false)
        .stream().map(SchemaInfo::getSummary).collect(Collectors.toList());
    holds(summaries + " have the new one", summaries.contains(changed.getSummary()));
  }

  private void restartWith(List<SchemaInfo> schemas) throws Exception {
    Microservice again = Clients.service("mall", "orders", "2.0.0");
    Application restarted = new Application(again, SECOND, schemas, url).start();
    equal("id", orders.getServiceId(), again.getServiceId());
    equal("failures", List.of(), restarted.failures());
    restarted.stop();
  }

  private void restarts() throws Exception {
    Microservice again = Clients.service("mall", "orders", "2.0.0");
    List<SchemaInfo> schemas = List.of(Clients.schema("a", "openapi: a"),
                                       Clients.schema("b", "openapi: b"));
    provider.kill();
    String former = provider.instance.getInstanceId();
    provider = new Application(again, FIRST, schemas, url).start();
    equal("id of the instance", former, provider.instance.getInstanceId());
    equal("instances", 1, provider.client.getMicroserviceInstanceList(orders.getServiceId())
        .getInstances().size());
  }

  private static Application consumer(String name, String url) throws Exception {
    String endpoint = "rest://10.1.1." + name.length() + ":8080";
    return new Application(Clients.service("mall", name, "1.0.0"), endpoint, List.of(), url)
        .start();
  }

  private void consumerFinds() throws Exception {
    poller = consumer("poller", url);
    poller.subscribe(orders);
    poller.discovery.startDiscovery();
    equal("instances", 1, poller.found(orders).size());
    MicroserviceInstance found = poller.found(orders).get(0);
    equal("id", provider.instance.getInstanceId(), found.getInstanceId());
    equal("endpoints", List.of(FIRST), found.getEndpoints());
    equal("version", "2.0.0", found.getVersion());
    equal("status", MicroserviceInstanceStatus.UP, found.getStatus());
    equal("name, from the service that the client gets by id", "orders", found.getServiceName());
    equal("app", "mall", found.getApplicationName());
  }

  private void pollFinds() throws Exception {
    int before = poller.changes().size();
    second = new Application(Clients.service("mall", "orders", "2.0.0"), SECOND,
                             List.of(Clients.schema("a", "openapi: a"),
                                     Clients.schema("b", "openapi: b")), url).start();
    eventually("both", () -> poller.foundEndpoints(orders), List.of(FIRST, SECOND)::equals);
    eventually("an event", () -> poller.changes().size(), size -> size > before);
    InstanceChangedEvent event = poller.changes().get(poller.changes().size() - 1);
    equal("app of the event", "mall", event.getAppName());
    equal("name in the event", "orders", event.getServiceName());

    provider.client.updateMicroserviceInstanceStatus(
        orders.getServiceId(), second.instance.getInstanceId(),
        MicroserviceInstanceStatus.OUTOFSERVICE);
    eventually("one is out of service", () -> poller.found(orders).stream()
        .filter(each -> each.getStatus() == MicroserviceInstanceStatus.OUTOFSERVICE)
        .map(MicroserviceInstance::getInstanceId).collect(Collectors.toList()),
        List.of(second.instance.getInstanceId())::equals);

    second.stop();
    eventually("the first alone", () -> poller.foundEndpoints(orders), List.of(FIRST)::equals);
  }

  private void pollsRest() throws Exception {
    int before = poller.changes().size();
    long heartbeats = poller.count(HeartBeatEvent.class, true);
    eventually("three heartbeats, and polls beside them",
               () -> poller.count(HeartBeatEvent.class, true), n -> n >= heartbeats + 3);
    equal("events", before, poller.changes().size());
  }

  private void watchTells() throws Exception {
    watcher = consumer("watcher", url);
    watcher.subscribe(orders);  // Never polls: what changes from here on, the watch has told of.
    watch = new Watch(watcher);
    watch.start();
    for (MicroserviceInstanceStatus status :
         List.of(MicroserviceInstanceStatus.DOWN, MicroserviceInstanceStatus.UP)) {
      provider.client.updateMicroserviceInstanceStatus(
          orders.getServiceId(), provider.instance.getInstanceId(), status);
      eventually("status", () -> watcher.found(orders).get(0).getStatus(), status::equals);
    }
    JsonNode message = new ObjectMapper().readTree(watch.messages.get(0));
    equal("action", "UPDATE", message.path("action").asText());
    equal("app", "mall", message.path("key").path("appId").asText());
    equal("name", "orders", message.path("key").path("serviceName").asText());
    equal("version", "2.0.0", message.path("key").path("version").asText());
    equal("instance", provider.instance.getInstanceId(),
          message.path("instance").path("instanceId").asText());
    equal("status", "DOWN", message.path("instance").path("status").asText());
  }

  private void stops() throws Exception {
    provider.stop();
    eventually("none for the watcher", () -> watcher.foundEndpoints(orders), List::isEmpty);
    eventually("none for the poller", () -> poller.foundEndpoints(orders), List::isEmpty);
    holds("a DELETE among " + watch.messages,
          watch.messages.stream().anyMatch(each -> each.contains("\"action\":\"DELETE\"")));
    equal("failures", List.of(), watcher.failures());
  }

  private void watchStayed() {
    equal("ends", List.of(), List.copyOf(watch.ends));
    watch.stop();
  }
}
