package skep.clients;

import static skep.clients.Checks.equal;
import static skep.clients.Checks.fails;
import static skep.clients.Checks.holds;

import com.google.common.eventbus.EventBus;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.servicecomb.service.center.client.ServiceCenterClient;
import org.apache.servicecomb.service.center.client.model.CreateSchemaRequest;
import org.apache.servicecomb.service.center.client.model.FindMicroserviceInstancesResponse;
import org.apache.servicecomb.service.center.client.model.Framework;
import org.apache.servicecomb.service.center.client.model.HealthCheckMode;
import org.apache.servicecomb.service.center.client.model.HeartbeatsRequest;
import org.apache.servicecomb.service.center.client.model.InstancesRequest;
import org.apache.servicecomb.service.center.client.model.Microservice;
import org.apache.servicecomb.service.center.client.model.MicroserviceInstance;
import org.apache.servicecomb.service.center.client.model.MicroserviceInstanceStatus;
import org.apache.servicecomb.service.center.client.model.MicroserviceInstancesResponse;
import org.apache.servicecomb.service.center.client.model.ModifySchemasRequest;
import org.apache.servicecomb.service.center.client.model.RbacTokenRequest;
import org.apache.servicecomb.service.center.client.model.SchemaInfo;

/** Each call of ServiceCenterClient, once as it is meant and once as it goes wrong. */
final class RegistryChecks {
  private static final String ALL = "0+";
  private static final int MANY = 200;
  private static final String TEXT = "swagger: \"2.0\"\ninfo:\n  title: \"Bücher & <b>\\\\\"\n";

  private final ServiceCenterClient client;
  private final String url;
  private final Microservice books = Clients.service("shop", "books", "1.2.3");
  private final String reader;
  private String instanceId;

  RegistryChecks(String url) {
    this.url = url;
    client = Clients.registry(url);
    reader = client.registerMicroservice(Clients.service("shop", "reader", "1.0.0")).getServiceId();
  }

  void run(Checks checks) {
    checks.check("M26: the registry lists itself with its addresses", this::listsItself);
    checks.check("M3, M4: what is not registered is absent, not an error", this::absent);
    checks.check("M6, M10, M12: a service is registered once, however often", this::registersOnce);
    checks.check("M11: a service of few words comes back without null", this::fewWords);
    checks.check("M10: a service comes back as it was registered", this::comesBack);
    checks.check("environments and projects are apart", this::apart);
    checks.check("the list of services", this::services);
    checks.check("properties of a service are replaced", this::properties);
    checks.check("M27: schemas one by one, replaced, and in a batch", this::schemas);
    checks.check("M13, M14: an instance keeps its id, status is UP", this::registersInstance);
    checks.check("M15: a found instance is whole", this::findsWhole);
    checks.check("M1, M8: not modified at the same revision only", this::revisions);
    checks.check("M7, M9: any version, no consumer", this::tolerantFind);
    checks.check("M16: each status comes back", this::statuses);
    checks.check("M5: heartbeats, alone and together; not of the unknown", this::heartbeats);
    checks.check("a deregistered instance is gone", this::deregisters);
    checks.check("M25: many instances at once, which come compressed", this::many);
    checks.check("M28: without accounts a token is `not supported`", this::token);
  }

  private void listsItself() {
    Set<Integer> ports = client.getServiceCenterInstances().getInstances().stream()
        .flatMap(instance -> instance.getEndpoints().stream())
        .map(endpoint -> URI.create(endpoint).getPort()).collect(Collectors.toSet());
    holds(ports + " have the port of " + url, ports.contains(URI.create(url).getPort()));
  }

  private void absent() {
    equal("id of an unknown service", null,
          client.queryServiceId(Clients.service("shop", "nobody", "1.0.0")));
    fails("find", "\"errorCode\":\"400012\"",
          () -> client.findMicroserviceInstance(reader, "shop", "nobody", ALL, ""));
    fails("get", "400012", () -> client.getMicroserviceByServiceId("0123456789abcdef"));
    fails("a name that is none", "400001",
          () -> client.registerMicroservice(Clients.service("shop", "no&name", "1.0.0")));
  }

  private void registersOnce() {
    Framework framework = new Framework();
    framework.setName("springCloud");
    framework.setVersion("2021.0.3");
    books.setDescription("sells them");
    books.setSchemas(new ArrayList<>(List.of("order", "stock")));
    books.setProperties(new HashMap<>(Map.of("allowCrossApp", "true", "ключ", "\"välue\"\n")));
    books.setFramework(framework);
    String id = client.registerMicroservice(books).getServiceId();
    holds("there is an id: " + id, id != null && !id.isEmpty());
    equal("id when registered again", id, client.registerMicroservice(books).getServiceId());
    equal("id by key", id, client.queryServiceId(books).getServiceId());
    books.setServiceId(id);
  }

  private void fewWords() {
    Microservice got = client.getMicroserviceByServiceId(reader);
    equal("properties", Map.of(), got.getProperties());
    equal("schemas", List.of(), got.getSchemas());
  }

  private void comesBack() {
    Microservice got = client.getMicroserviceByServiceId(books.getServiceId());
    equal("id", books.getServiceId(), got.getServiceId());
    equal("app", "shop", got.getAppId());
    equal("name", "books", got.getServiceName());
    equal("version", "1.2.3", got.getVersion());
    equal("description", "sells them", got.getDescription());
    equal("schemas", Set.of("order", "stock"), Set.copyOf(got.getSchemas()));
    equal("properties", books.getProperties(), got.getProperties());
    equal("framework", "springCloud", got.getFramework().getName());
    equal("framework's version", "2021.0.3", got.getFramework().getVersion());
    equal("status", "UP", got.getStatus().name());
    holds("registered at " + got.getTimestamp(),
          Long.parseLong(got.getTimestamp()) > 1_500_000_000);
  }

  private void apart() {
    Microservice testing = Clients.service("shop", "books", "1.2.3");
    testing.setEnvironment("testing");
    equal("id in another environment", null, client.queryServiceId(testing));
    String id = client.registerMicroservice(testing).getServiceId();
    holds("two environments, two ids", !id.equals(books.getServiceId()));
    equal("id by key", id, client.queryServiceId(testing).getServiceId());

    EventBus bus = new EventBus();
    ServiceCenterClient elsewhere = Clients.registry(Clients.addresses("elsewhere", bus, url), bus);
    equal("id in another project", null, elsewhere.queryServiceId(books));
  }

  private void services() {
    Map<String, Microservice> byId = client.getMicroserviceList().getServices().stream()
        .collect(Collectors.toMap(Microservice::getServiceId, service -> service));
    equal("name of the one registered", "books", byId.get(books.getServiceId()).getServiceName());
    for (Microservice service : byId.values()) {
      holds("properties of " + service.getServiceName(), service.getProperties() != null);
      holds("app of " + service.getServiceName(), service.getAppId() != null);
    }
  }

  private void properties() {
    Map<String, String> wanted = Map.of("owner", "b", "allowCrossApp", "false");
    holds("changed", client.updateMicroserviceProperties(books.getServiceId(), wanted));
    equal("properties", wanted,
          client.getMicroserviceByServiceId(books.getServiceId()).getProperties());
  }

  private void schemas() throws Exception {
    String id = books.getServiceId();
    SchemaInfo order = Clients.schema("order", TEXT);
    CreateSchemaRequest request = new CreateSchemaRequest();
    request.setSchema(order.getSchema());
    request.setSummary(order.getSummary());
    holds("registered", client.registerSchema(id, "order", request));
    equal("text", TEXT, client.getServiceSchemaContext(id, "order"));
    fails("text of a schema that has none yet", "400016",
          () -> client.getServiceSchemaContext(id, "stock"));

    SchemaInfo changed = Clients.schema("order", TEXT + "paths: {}\n");
    holds("replaced", client.updateServiceSchemaContext(id, changed));
    equal("replaced text", changed.getSchema(), client.getServiceSchemaContext(id, "order"));

    SchemaInfo stock = Clients.schema("stock", "swagger: '2.0'");
    ModifySchemasRequest batch = new ModifySchemasRequest();
    batch.setSchemas(List.of(order, stock));
    holds("batch", client.batchUpdateServiceSchemaContext(id, batch));
    for (SchemaInfo info : client.getServiceSchemasList(id, false)) {
      SchemaInfo wanted = info.getSchemaId().equals("order") ? order : stock;
      equal("summary of " + info.getSchemaId(), wanted.getSummary(), info.getSummary());
      holds("no text where none was asked for",
            info.getSchema() == null || info.getSchema().isEmpty());
    }
    Map<String, String> texts = client.getServiceSchemasList(id, true).stream()
        .collect(Collectors.toMap(SchemaInfo::getSchemaId, SchemaInfo::getSchema));
    equal("texts", Map.of("order", TEXT, "stock", stock.getSchema()), texts);
  }

  private void registersInstance() {
    MicroserviceInstance instance = Clients.instance(books.getServiceId(), "rest://10.0.0.1:8080");
    instance.setInstanceId("books-1");
    instanceId = client.registerMicroserviceInstance(instance).getInstanceId();
    equal("its own id", "books-1", instanceId);
    equal("id when registered again", instanceId,
          client.registerMicroserviceInstance(instance).getInstanceId());
    equal("status where none was given", MicroserviceInstanceStatus.UP, get().getStatus());

    MicroserviceInstance other = Clients.instance(books.getServiceId(), "rest://10.0.0.2:8080");
    String otherId = client.registerMicroserviceInstance(other).getInstanceId();
    holds("an id is made: " + otherId, otherId != null && !otherId.equals(instanceId));
    equal("instances", Set.of(instanceId, otherId),
          client.getMicroserviceInstanceList(books.getServiceId()).getInstances().stream()
              .map(MicroserviceInstance::getInstanceId).collect(Collectors.toSet()));
    client.deleteMicroserviceInstance(books.getServiceId(), otherId);
    fails("an instance of no service", "400012",
          () -> client.registerMicroserviceInstance(Clients.instance("none", "rest://10.0.0.3:1")));
  }

  private MicroserviceInstance get() {
    return client.getMicroserviceInstance(books.getServiceId(), instanceId);
  }

  private FindMicroserviceInstancesResponse find(String revision) {
    return client.findMicroserviceInstance(reader, "shop", "books", ALL, revision);
  }

  private void findsWhole() {
    List<MicroserviceInstance> found =
        find("").getMicroserviceInstancesResponse().getInstances();
    equal("instances", 1, found.size());
    MicroserviceInstance instance = found.get(0);
    equal("id", instanceId, instance.getInstanceId());
    equal("service", books.getServiceId(), instance.getServiceId());
    equal("version", "1.2.3", instance.getVersion());
    equal("endpoints", List.of("rest://10.0.0.1:8080"), instance.getEndpoints());
    equal("host", "host-of-100018080", instance.getHostName());
    equal("properties", Map.of("rack", "r7"), instance.getProperties());
    equal("mode of health check", HealthCheckMode.push, instance.getHealthCheck().getMode());
    equal("interval", 15, instance.getHealthCheck().getInterval());
    equal("times", 3, instance.getHealthCheck().getTimes());
  }

  private void revisions() {
    FindMicroserviceInstancesResponse first = find("");
    holds("modified at first", first.isModified());
    holds("a revision: " + first.getRevision(),
          first.getRevision() != null && !first.getRevision().isEmpty());
    holds("not modified since", !find(first.getRevision()).isModified());
    holds("modified for a foreign revision", find("no-revision-of-ours").isModified());

    holds("a property of the service changes", client.updateMicroserviceProperties(
        books.getServiceId(), Map.of("owner", "c")));
    client.updateMicroserviceInstanceStatus(
        books.getServiceId(), instanceId, MicroserviceInstanceStatus.DOWN);
    FindMicroserviceInstancesResponse second = find(first.getRevision());
    holds("modified after a change", second.isModified());
    holds("another revision", !second.getRevision().equals(first.getRevision()));
    holds("not modified since then", !find(second.getRevision()).isModified());
  }

  private void tolerantFind() {
    for (String version : List.of(ALL, "0%2B", "latest", "1.0.0-2.0.0", "")) {
      for (String consumer : new String[] {reader, ""}) {
        FindMicroserviceInstancesResponse found =
            client.findMicroserviceInstance(consumer, "shop", "books", version, "");
        equal("instances for version '" + version + "', consumer '" + consumer + "'", 1,
              found.getMicroserviceInstancesResponse().getInstances().size());
      }
    }
  }

  private void statuses() {
    for (MicroserviceInstanceStatus status : MicroserviceInstanceStatus.values()) {
      if (status == MicroserviceInstanceStatus.UNKNOWN) {
        continue;  // What the client makes of a status that it does not know; no server takes it.
      }
      holds("set to " + status, client.updateMicroserviceInstanceStatus(
          books.getServiceId(), instanceId, status));
      equal("status", status, get().getStatus());
      equal("found status", status,
            find("").getMicroserviceInstancesResponse().getInstances().get(0).getStatus());
    }
    fails("status of an unknown instance", "400017", () -> client.updateMicroserviceInstanceStatus(
        books.getServiceId(), "nobody", MicroserviceInstanceStatus.UP));
  }

  private void heartbeats() {
    holds("heartbeat", client.sendHeartBeat(books.getServiceId(), instanceId));
    fails("heartbeat of an unknown instance", "400017",
          () -> client.sendHeartBeat(books.getServiceId(), "nobody"));

    // The unknown among others is told in the answer's body, which this client does not read.
    HeartbeatsRequest together = new HeartbeatsRequest(books.getServiceId(), instanceId);
    together.addInstances(new InstancesRequest(books.getServiceId(), "nobody"));
    client.sendHeartBeats(together);
  }

  private void deregisters() {
    String revision = find("").getRevision();
    client.deleteMicroserviceInstance(books.getServiceId(), instanceId);
    FindMicroserviceInstancesResponse found = find(revision);
    holds("modified", found.isModified());
    equal("instances", List.of(), listOf(found.getMicroserviceInstancesResponse()));
    equal("listed", List.of(), listOf(client.getMicroserviceInstanceList(books.getServiceId())));
    fails("get", "400017", this::get);
    fails("delete again", "400017",
          () -> client.deleteMicroserviceInstance(books.getServiceId(), instanceId));
    fails("heartbeat", "400017", () -> client.sendHeartBeat(books.getServiceId(), instanceId));
  }

  private void many() {
    Set<String> wanted = new HashSet<>();
    for (int i = 0; i < MANY; ++i) {
      MicroserviceInstance instance =
          Clients.instance(books.getServiceId(), "rest://10.0.1." + i + ":8080");
      wanted.add(client.registerMicroserviceInstance(instance).getInstanceId());
    }
    equal("ids", wanted, find("").getMicroserviceInstancesResponse().getInstances().stream()
        .map(MicroserviceInstance::getInstanceId).collect(Collectors.toSet()));
    for (String id : wanted) {
      client.deleteMicroserviceInstance(books.getServiceId(), id);
    }
  }

  /** An empty list is left out by every server, and is null in the client's objects. */
  private static List<MicroserviceInstance> listOf(MicroserviceInstancesResponse response) {
    return response.getInstances() == null ? List.of() : response.getInstances();
  }

  private void token() {
    RbacTokenRequest request = new RbacTokenRequest();
    request.setName("root");
    request.setPassword("Complicated_password1");
    equal("status", 404, client.queryToken(request).getStatusCode());
  }
}
