package skep.clients;

import com.google.common.eventbus.EventBus;
import com.google.common.eventbus.Subscribe;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.apache.servicecomb.service.center.client.DiscoveryEvents.InstanceChangedEvent;
import org.apache.servicecomb.service.center.client.RegistrationEvents;
import org.apache.servicecomb.service.center.client.RegistrationEvents.HeartBeatEvent;
import org.apache.servicecomb.service.center.client.ServiceCenterAddressManager;
import org.apache.servicecomb.service.center.client.ServiceCenterClient;
import org.apache.servicecomb.service.center.client.ServiceCenterDiscovery;
import org.apache.servicecomb.service.center.client.ServiceCenterDiscovery.SubscriptionKey;
import org.apache.servicecomb.service.center.client.ServiceCenterRegistration;
import org.apache.servicecomb.service.center.client.model.Microservice;
import org.apache.servicecomb.service.center.client.model.MicroserviceInstance;
import org.apache.servicecomb.service.center.client.model.SchemaInfo;
import org.apache.servicecomb.service.center.client.model.ServiceCenterConfiguration;

/**
 * What a framework starts for one application: it registers and sends heartbeats in the background,
 * and finds others where asked to. Its events are kept in the order in which they came.
 */
public final class Application {
  static final long INTERVAL_MILLIS = 1_000;

  final EventBus bus = new EventBus();
  final ServiceCenterAddressManager addresses;
  final ServiceCenterClient client;
  final Microservice service;
  final MicroserviceInstance instance;
  final ServiceCenterDiscovery discovery;
  private final ServiceCenterRegistration registration;
  private final List<RegistrationEvents> registered = new CopyOnWriteArrayList<>();
  private final List<InstanceChangedEvent> changes = new CopyOnWriteArrayList<>();

  Application(Microservice service, String endpoint, List<SchemaInfo> schemas, String... urls) {
    this.service = service;
    instance = Clients.instance(null, endpoint);
    addresses = Clients.addresses(Clients.PROJECT, bus, urls);
    client = Clients.registry(addresses, bus);
    service.setSchemas(schemas.stream().map(SchemaInfo::getSchemaId).collect(Collectors.toList()));
    registration = new ServiceCenterRegistration(
        client, new ServiceCenterConfiguration().setCanOverwriteSwagger(true), bus);
    registration.setMicroservice(service).setMicroserviceInstance(instance).setSchemaInfos(schemas)
        .setHeartBeatInterval(INTERVAL_MILLIS).setHeartBeatRequestTimeout(INTERVAL_MILLIS);
    discovery = new ServiceCenterDiscovery(client, bus).setPollInterval(INTERVAL_MILLIS);
    bus.register(this);
  }

  @Subscribe
  public void onRegistration(RegistrationEvents event) {
    registered.add(event);
  }

  @Subscribe
  public void onChange(InstanceChangedEvent event) {
    changes.add(event);
  }

  /** Registers and waits for the first heartbeat. */
  Application start() throws Exception {
    registration.startRegistration();
    Checks.eventually("heartbeat of " + service.getServiceName(),
                      () -> count(HeartBeatEvent.class, true), count -> count > 0);
    return this;
  }

  /** As a framework ends: what is registered goes first, then the heartbeats. */
  void stop() {
    client.deleteMicroserviceInstance(service.getServiceId(), instance.getInstanceId());
    kill();
  }

  /** The end without a word to the registry. */
  void kill() {
    registration.stop();
    discovery.stop();
  }

  long count(Class<? extends RegistrationEvents> type, boolean success) {
    return registered.stream().filter(type::isInstance)
        .filter(event -> event.isSuccess() == success).count();
  }

  long instanceRegistrations() {
    return count(RegistrationEvents.MicroserviceInstanceRegistrationEvent.class, true);
  }

  List<RegistrationEvents> failures() {
    return registered.stream().filter(event -> !event.isSuccess()).collect(Collectors.toList());
  }

  void subscribe(Microservice provider) {
    discovery.updateMyselfServiceId(service.getServiceId());
    discovery.registerIfNotPresent(key(provider));
  }

  /** What the application would call, from the discovery's cache. */
  List<MicroserviceInstance> found(Microservice provider) {
    List<MicroserviceInstance> found = discovery.getInstanceCache(key(provider));
    return found == null ? List.of() : found;
  }

  List<String> foundEndpoints(Microservice provider) {
    return found(provider).stream().flatMap(each -> each.getEndpoints().stream()).sorted()
        .collect(Collectors.toList());
  }

  List<InstanceChangedEvent> changes() {
    return changes;
  }

  private static SubscriptionKey key(Microservice provider) {
    return new SubscriptionKey(provider.getAppId(), provider.getServiceName());
  }
}
