package skep.clients;

import static skep.clients.Checks.equal;
import static skep.clients.Checks.eventually;
import static skep.clients.Checks.holds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.eventbus.EventBus;
import com.google.common.eventbus.Subscribe;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.http.client.config.RequestConfig;
import org.apache.servicecomb.config.common.ConfigConverter;
import org.apache.servicecomb.config.common.ConfigurationChangedEvent;
import org.apache.servicecomb.config.kie.client.KieClient;
import org.apache.servicecomb.config.kie.client.KieConfigManager;
import org.apache.servicecomb.config.kie.client.model.ConfigurationsRequest;
import org.apache.servicecomb.config.kie.client.model.ConfigurationsResponse;
import org.apache.servicecomb.config.kie.client.model.KieAddressManager;
import org.apache.servicecomb.config.kie.client.model.KieConfiguration;
import org.apache.servicecomb.http.client.common.HttpTransport;
import org.apache.servicecomb.http.client.common.HttpTransportFactory;

/** KieClient call by call, and KieConfigManager with its long polls as an application runs it. */
public final class ConfigChecks {
  private static final int WAIT_SECONDS = 3;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, String> APP = Map.of("app", "mall", "environment", "");
  private static final Map<String, String> SERVICE =
      Map.of("app", "mall", "environment", "", "service", "orders");
  private static final Map<String, String> VERSION =
      Map.of("app", "mall", "environment", "", "service", "orders", "version", "2.0.0");
  private static final Map<String, String> CUSTOM = Map.of("public", "");

  private final String url;
  private final String deadUrl;
  private final HttpClient http = HttpClient.newHttpClient();
  private final KieConfiguration configuration = new KieConfiguration()
      .setProject(Clients.PROJECT).setAppName("mall").setServiceName("orders").setEnvironment("")
      .setVersion("2.0.0").setEnableAppConfig(true).setEnableServiceConfig(true)
      .setEnableVersionConfig(true).setEnableCustomConfig(true).setCustomLabel("public")
      .setCustomLabelValue("").setEnableLongPolling(true).setPollingWaitInSeconds(WAIT_SECONDS)
      .setFirstPullRequired(true);
  private final ConfigConverter values = new ConfigConverter(null);
  private final List<ConfigurationChangedEvent> changes = new CopyOnWriteArrayList<>();
  private KieConfigManager manager;
  private KieClient client;
  private String addressOfClient;
  private String changingId;

  ConfigChecks(String url, String deadUrl) {
    this.url = url;
    this.deadUrl = deadUrl;
  }

  void run(Checks checks) {
    checks.check("M31, M34: the first pull of an empty store is answered at once", this::empty);
    checks.check("M30, M36: items of each dimension, the narrower one wins", this::dimensions);
    checks.check("M35: types of values; what is disabled is not there", this::types);
    checks.check("M37: of two items in one dimension the later changed one wins", this::order);
    checks.check("M2, M32: the revision grows with each change", this::revisions);
    checks.check("M33: a wait that nothing ends is `not changed` in time", this::waits);
    checks.check("a wait ends with the change of an item", this::wakes);
    checks.check("long polls bring what is added, changed, disabled and deleted", this::polls);
    checks.check("changes of others' items are no events", this::others);
    checks.check("one of two addresses is dead, and the first pull succeeds", this::deadAddress);
    checks.check("without long polls nothing is held back", this::noLongPolls);
    if (manager != null) {
      manager.stop();
    }
  }

  private final class Listener {
    @Subscribe
    public void onChange(ConfigurationChangedEvent event) {
      changes.add(event);
    }
  }

  private KieConfigManager newManager(EventBus bus, ConfigConverter converter, String... urls) {
    KieAddressManager addresses = new KieAddressManager(List.of(urls), bus);
    client = new KieClient(addresses, transport(), configuration);
    addressOfClient = addresses.address();
    return new KieConfigManager(client, bus, configuration, converter, addresses);
  }

  /** With the time-out that frameworks set: twice the wait. */
  private static HttpTransport transport() {
    RequestConfig config = HttpTransportFactory.defaultRequestConfig()
        .setSocketTimeout(2 * WAIT_SECONDS * 1000).build();
    return HttpTransportFactory.createHttpTransport(Clients.plain(), Clients.NO_AUTH, config);
  }

  private JsonNode send(String method, String path, Map<String, ?> body, int status)
      throws Exception {
    String text = body == null ? "" : JSON.writeValueAsString(body);
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/v1/default/kie/kv" + path))
        .header("Content-Type", "application/json")
        .method(method, HttpRequest.BodyPublishers.ofString(text)).build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    equal("status of " + method + " " + path + ": " + response.body(), status,
          response.statusCode());
    return JSON.readTree(response.body());
  }

  private String create(String key, String value, String type, Map<String, String> labels)
      throws Exception {
    return send("POST", "", Map.of("key", key, "value", value, "value_type", type, "labels", labels,
                                   "status", "enabled"), 200).path("id").asText();
  }

  private void change(String id, String value) throws Exception {
    send("PUT", "/" + id, Map.of("value", value), 200);
  }

  private void empty() throws Exception {
    EventBus bus = new EventBus();
    bus.register(new Listener());
    manager = newManager(bus, values, url);
    long start = System.nanoTime();
    manager.firstPull();
    holds("within one wait, all four dimensions",
          Checks.millisSince(start) < WAIT_SECONDS * 1000);
    equal("values", Map.of(), values.getCurrentData());
  }

  private void dimensions() throws Exception {
    create("everywhere", "app", "text", APP);
    create("everywhere", "service", "text", SERVICE);
    create("everywhere", "version", "text", VERSION);
    create("of.app", "a", "text", APP);
    create("of.service", "s", "text", SERVICE);
    create("of.version", "v", "text", VERSION);
    create("of.custom", "c", "text", CUSTOM);
    create("foreign", "x", "text", Map.of("app", "mall", "environment", "testing"));
    create("foreign", "x", "text", Map.of("app", "mall"));
    Map<String, Object> pulled = pull();
    equal("values", Map.of("everywhere", "version", "of.app", "a", "of.service", "s", "of.version",
                           "v", "of.custom", "c"), pulled);
  }

  /** What an application that starts now would have. */
  private Map<String, Object> pull() {
    ConfigConverter fresh = new ConfigConverter(null);
    newManager(new EventBus(), fresh, url).firstPull();
    return fresh.getCurrentData();
  }

  private void types() throws Exception {
    create("yaml", "top:\n  list:\n    - 1\n    - 2\n  name: \"Grüße\"\n", "yaml", APP);
    create("properties", "plain.key=value\nother.key=1\n", "properties", APP);
    create("json", "{\"a\": 1}", "json", APP);
    create("ini", "[a]\nb=1", "ini", APP);
    send("POST", "", Map.of("key", "untyped", "value", "u", "labels", APP), 200);
    String id = create("off", "x", "text", APP);
    send("PUT", "/" + id, Map.of("value", "x", "status", "disabled"), 200);
    Map<String, Object> pulled = pull();
    equal("from yaml", "2", String.valueOf(pulled.get("top.list[1]")));
    equal("from yaml, not ASCII", "Grüße", pulled.get("top.name"));
    equal("from properties", "value", pulled.get("plain.key"));
    equal("json", "{\"a\": 1}", pulled.get("json"));
    equal("ini", "[a]\nb=1", pulled.get("ini"));
    holds("the disabled one is not there", !pulled.containsKey("off"));
  }

  private void order() throws Exception {
    String first = create("first", "same.key=first\n", "properties", SERVICE);
    // Seconds are what update_time counts; the order must hold between them.
    Thread.sleep(1100);
    create("second", "same.key=second\n", "properties", SERVICE);
    equal("the later created", "second", pull().get("same.key"));
    Thread.sleep(1100);
    change(first, "same.key=first, changed\n");
    equal("the later changed", "first, changed", pull().get("same.key"));
  }

  private ConfigurationsResponse query(String revision) {
    ConfigurationsRequest request = new ConfigurationsRequest()
        .setLabelsQuery("label=app%3Amall&label=environment%3A&").setWithExact(true)
        .setRevision(revision);
    return client.queryConfigurations(request, addressOfClient);
  }

  private void revisions() throws Exception {
    long last = Long.parseLong(query("-1").getRevision());
    changingId = create("changing", "1", "text", APP);
    for (Checks.Body step : List.<Checks.Body>of(
             () -> { },
             () -> change(changingId, "2"),
             () -> send("DELETE", "/" + create("passing", "1", "text", VERSION), null, 204))) {
      step.run();
      ConfigurationsResponse response = query(String.valueOf(last));
      holds("changed", response.isChanged());
      long next = Long.parseLong(response.getRevision());
      holds(next + " is above " + last, next > last);
      last = next;
    }
    holds("a revision of the future is answered at once", query("999999999").isChanged());
  }

  private void waits() {
    String revision = query("-1").getRevision();
    long start = System.nanoTime();
    ConfigurationsResponse response = query(revision);
    long took = Checks.millisSince(start);
    holds("not changed", !response.isChanged());
    // Not longer than the client's time-out, or there were no response.
    holds("it took the wait: " + took + " ms", took >= WAIT_SECONDS * 1000 - 100);
  }

  private void wakes() throws Exception {
    String revision = query("-1").getRevision();
    Thread writer = new Thread(() -> {
      try {
        Thread.sleep(500);
        change(changingId, "3");
      } catch (Exception error) {
        throw new AssertionError(error);
      }
    });
    long start = System.nanoTime();
    writer.start();
    ConfigurationsResponse response = query(revision);
    long took = Checks.millisSince(start);
    writer.join();
    holds("changed", response.isChanged());
    equal("value", "3", response.getConfigurations().get("changing"));
    holds("it took until the change: " + took + " ms", took >= 400 && took < WAIT_SECONDS * 900);
  }

  private ConfigurationChangedEvent changeOf(String key) throws Exception {
    return eventually("an event for " + key, () -> changes.stream()
        .filter(event -> event.getAdded().containsKey(key) || event.getUpdated().containsKey(key)
                || event.getDeleted().containsKey(key)).findFirst().orElse(null),
        event -> event != null);
  }

  private void polls() throws Exception {
    manager.startConfigKieManager();
    eventually("the polls have what a pull has", () -> values.getCurrentData(), pull()::equals);

    changes.clear();
    String id = create("fresh", "1", "text", SERVICE);
    equal("added", "1", changeOf("fresh").getAdded().get("fresh"));

    changes.clear();
    change(id, "2");
    equal("updated", "2", changeOf("fresh").getUpdated().get("fresh"));
    equal("value", "2", values.getCurrentData().get("fresh"));

    changes.clear();
    send("PUT", "/" + id, Map.of("value", "2", "status", "disabled"), 200);
    holds("deleted when disabled", changeOf("fresh").getDeleted().containsKey("fresh"));

    changes.clear();
    send("PUT", "/" + id, Map.of("value", "3", "status", "enabled"), 200);
    equal("added when enabled", "3", changeOf("fresh").getAdded().get("fresh"));

    changes.clear();
    send("DELETE", "/" + id, null, 204);
    holds("deleted", changeOf("fresh").getDeleted().containsKey("fresh"));
    holds("no value", !values.getCurrentData().containsKey("fresh"));
  }

  private void others() throws Exception {
    changes.clear();
    create("foreign", "y", "text", Map.of("app", "another", "environment", ""));
    // An event for what was created behind it shows that a poll has seen it.
    for (Map<String, String> labels : List.of(APP, SERVICE, VERSION, CUSTOM)) {
      create("mark." + labels.size(), "1", "text", labels);
      changeOf("mark." + labels.size());
    }
    for (ConfigurationChangedEvent event : changes) {
      holds("nothing of another application in " + event.getComplete(),
            !event.getAdded().containsKey("foreign") && !event.getUpdated().containsKey("foreign"));
      holds("nothing was lost", event.getDeleted().isEmpty() && event.getUpdated().isEmpty());
    }
  }

  private void deadAddress() {
    ConfigConverter fresh = new ConfigConverter(null);
    newManager(new EventBus(), fresh, deadUrl, url).firstPull();
    equal("value", "c", fresh.getCurrentData().get("of.custom"));
  }

  private void noLongPolls() {
    configuration.setEnableLongPolling(false);
    try {
      newManager(new EventBus(), new ConfigConverter(null), url);
      String revision = query("-1").getRevision();
      long start = System.nanoTime();
      holds("not changed", !query(revision).isChanged());
      long took = Checks.millisSince(start);
      holds("without a wait: " + took + " ms", took < WAIT_SECONDS * 1000);
    } finally {
      configuration.setEnableLongPolling(true);
    }
  }
}
