package skep.clients;

import com.google.common.eventbus.EventBus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.servicecomb.http.client.auth.RequestAuthHeaderProvider;
import org.apache.servicecomb.http.client.common.HttpConfiguration.SSLProperties;
import org.apache.servicecomb.service.center.client.ServiceCenterAddressManager;
import org.apache.servicecomb.service.center.client.ServiceCenterClient;
import org.apache.servicecomb.service.center.client.model.HealthCheck;
import org.apache.servicecomb.service.center.client.model.HealthCheckMode;
import org.apache.servicecomb.service.center.client.model.Microservice;
import org.apache.servicecomb.service.center.client.model.MicroserviceInstance;
import org.apache.servicecomb.service.center.client.model.SchemaInfo;

/** The clients and what they register, put together as an application does it. */
final class Clients {
  static final String PROJECT = "default";
  static final String TENANT = "default";
  static final RequestAuthHeaderProvider NO_AUTH = request -> Collections.emptyMap();

  private Clients() {}

  static SSLProperties plain() {
    SSLProperties properties = new SSLProperties();
    properties.setEnabled(false);
    return properties;
  }

  static ServiceCenterAddressManager addresses(String project, EventBus bus, String... urls) {
    return new ServiceCenterAddressManager(project, new ArrayList<>(List.of(urls)), bus);
  }

  static ServiceCenterClient registry(ServiceCenterAddressManager addresses, EventBus bus) {
    return new ServiceCenterClient(addresses, plain(), NO_AUTH, TENANT, Collections.emptyMap())
        .setEventBus(bus);
  }

  static ServiceCenterClient registry(String url) {
    EventBus bus = new EventBus();
    return registry(addresses(PROJECT, bus, url), bus);
  }

  static Microservice service(String app, String name, String version) {
    Microservice service = new Microservice(name);
    service.setAppId(app);
    service.setVersion(version);
    service.setEnvironment("");
    return service;
  }

  static MicroserviceInstance instance(String serviceId, String endpoint) {
    HealthCheck healthCheck = new HealthCheck();
    healthCheck.setMode(HealthCheckMode.push);
    healthCheck.setInterval(15);
    healthCheck.setTimes(3);
    MicroserviceInstance instance = new MicroserviceInstance();
    instance.setServiceId(serviceId);
    instance.setHostName("host-of-" + endpoint.replaceAll("[^0-9]", ""));
    instance.setEndpoints(List.of(endpoint));
    instance.setHealthCheck(healthCheck);
    instance.setProperties(Map.of("rack", "r7"));
    return instance;
  }

  /** A contract with the summary by which frameworks compare it: the SHA-256 of its text. */
  static SchemaInfo schema(String id, String text) throws Exception {
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    StringBuilder summary = new StringBuilder();
    for (byte part : hash) {
      summary.append(String.format("%02x", part));
    }
    return new SchemaInfo(id, text, summary.toString());
  }
}
