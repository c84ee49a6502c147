package skep.clients;

import static skep.clients.Checks.equal;
import static skep.clients.Checks.eventually;
import static skep.clients.Checks.holds;

import com.google.common.eventbus.EventBus;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.servicecomb.service.center.client.RegistrationEvents.HeartBeatEvent;
import org.apache.servicecomb.service.center.client.ServiceCenterAddressManager;
import org.apache.servicecomb.service.center.client.ServiceCenterClient;
import org.apache.servicecomb.service.center.client.model.Microservice;
import org.apache.servicecomb.service.center.client.model.MicroserviceInstance;

/** Several addresses, one of them dead; and a registry that comes back without what it knew. */
final class FailoverChecks {
  private static final int CALLS = 20;

  private final String url;
  private final String otherUrl;
  private Watch idle;

  FailoverChecks(String url, String otherUrl) {
    this.url = url;
    this.otherUrl = otherUrl;
  }

  void run(Checks checks) {
    checks.check("calls succeed though one of two addresses is dead, which is left out then",
                 this::deadAddress);
    checks.check("an application goes on when one of its addresses goes", this::addressGoes);
  }

  void runComeback(Checks checks) {
    checks.check("a watch opens", this::watchOpens);
    checks.check("M5, M13: an application registers again with a registry that lost its state",
                 this::comesBack);
    checks.check("M20, M22: the watch, idle all the while, still tells", this::watchStillTells);
  }

  private void deadAddress() throws Exception {
    EventBus bus = new EventBus();
    String dead = Proxy.dead();
    ServiceCenterAddressManager addresses =
        Clients.addresses(Clients.PROJECT, bus, dead, url);
    ServiceCenterClient client = Clients.registry(addresses, bus);
    Set<String> before = new HashSet<>(List.of(addresses.address(), addresses.address()));
    equal("both are asked at first", Set.of(dead, url), before);
    String id = client.registerMicroservice(Clients.service("mall", "a", "1.0.0")).getServiceId();
    for (int call = 0; call < CALLS; ++call) {
      equal("name", "a", client.getMicroserviceByServiceId(id).getServiceName());
    }
    for (int call = 0; call < CALLS; ++call) {
      equal("address", url, addresses.address());
    }
  }

  private void addressGoes() throws Exception {
    Proxy one = new Proxy(url);
    Proxy two = new Proxy(url);
    Microservice orders = Clients.service("mall", "orders", "1.0.0");
    Application provider =
        new Application(orders, "rest://10.2.0.1:8080", List.of(), one.url(), two.url()).start();
    Application consumer = new Application(Clients.service("mall", "consumer", "1.0.0"),
        "rest://10.2.0.2:8080", List.of(), one.url(), two.url()).start();
    consumer.subscribe(orders);
    consumer.discovery.startDiscovery();
    equal("found", List.of("rest://10.2.0.1:8080"), consumer.foundEndpoints(orders));

    one.stop();
    long heartbeats = provider.count(HeartBeatEvent.class, true);
    eventually("five more heartbeats", () -> provider.count(HeartBeatEvent.class, true),
               count -> count >= heartbeats + 5);
    equal("failures", List.of(), provider.failures());
    provider.stop();
    eventually("none found", () -> consumer.foundEndpoints(orders), List::isEmpty);
    equal("failures of the consumer", List.of(), consumer.failures());
    consumer.stop();
    two.stop();
  }

  /** It watches a service of which nothing happens until the other check is over. */
  private void watchOpens() throws Exception {
    Application watcher = new Application(Clients.service("mall", "watcher", "1.0.0"),
        "rest://10.3.0.2:8080", List.of(), otherUrl).start();
    Microservice still = Clients.service("mall", "still", "1.0.0");
    watcher.client.registerMicroservice(still);
    watcher.subscribe(still);
    idle = new Watch(watcher);
    idle.start();
  }

  private void watchStillTells() throws Exception {
    equal("ends", List.of(), idle.ends);
    equal("messages", List.of(), idle.messages);
    Application late = new Application(Clients.service("mall", "still", "1.0.0"),
        "rest://10.3.0.3:8080", List.of(), otherUrl).start();
    eventually("told", () -> idle.messages.size(), size -> size == 1);
    late.stop();
    eventually("told of the end", () -> idle.messages.size(), size -> size == 2);
    equal("ends", List.of(), idle.ends);
    idle.stop();
  }

  private void comesBack() throws Exception {
    Proxy proxy = new Proxy(url);
    Microservice orders = Clients.service("mall", "orders", "1.0.0");
    Application provider = new Application(orders, "rest://10.3.0.1:8080",
        List.of(Clients.schema("a", "openapi: a")), proxy.url()).start();
    String instanceId = provider.instance.getInstanceId();

    proxy.redirect(otherUrl);
    eventually("heartbeats fail", () -> provider.count(HeartBeatEvent.class, false), n -> n > 0);
    // Three failures in a row, 3 s, 12 s and 27 s apart, make the client register.
    Checks.within(75_000, "registered again", provider::instanceRegistrations, n -> n == 2);
    long heartbeats = provider.count(HeartBeatEvent.class, true);
    eventually("heartbeats succeed", () -> provider.count(HeartBeatEvent.class, true),
               count -> count >= heartbeats + 2);

    ServiceCenterClient direct = Clients.registry(otherUrl);
    Microservice there = direct.getMicroserviceByServiceId(orders.getServiceId());
    equal("name", "orders", there.getServiceName());
    equal("schema", "openapi: a", direct.getServiceSchemaContext(there.getServiceId(), "a"));
    List<MicroserviceInstance> instances =
        direct.getMicroserviceInstanceList(there.getServiceId()).getInstances();
    equal("instances", 1, instances.size());
    equal("id of the instance", instanceId, instances.get(0).getInstanceId());
    provider.stop();
    holds("none is left", direct.getMicroserviceInstanceList(there.getServiceId())
        .getInstances() == null);
    proxy.stop();
  }
}
