package skep.clients;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.servicecomb.service.center.client.ServiceCenterWatch;
import org.java_websocket.handshake.ServerHandshake;

/** The client's watch for an application that is registered; what it is told is also kept. */
final class Watch extends ServiceCenterWatch {
  final List<String> messages = new CopyOnWriteArrayList<>();
  final List<String> ends = new CopyOnWriteArrayList<>();
  private final CountDownLatch open = new CountDownLatch(1);
  private final Application application;

  Watch(Application application) {
    super(application.addresses, Clients.plain(), Clients.NO_AUTH, Clients.TENANT,
          Collections.emptyMap(), application.bus);
    this.application = application;
  }

  /** Returns once it is open. */
  void start() throws Exception {
    startWatch(Clients.PROJECT, application.service.getServiceId());
    Checks.holds("the watch is open", open.await(10, TimeUnit.SECONDS));
  }

  @Override
  public void onOpen(ServerHandshake handshake) {
    super.onOpen(handshake);
    open.countDown();
  }

  @Override
  public void onMessage(String message) {
    messages.add(message);
    super.onMessage(message);
  }

  @Override
  public void onClose(int code, String reason, boolean remote) {
    ends.add("closed: " + code + " " + reason);
    super.onClose(code, reason, remote);
  }

  @Override
  public void onError(Exception error) {
    ends.add("error: " + error);
    super.onError(error);
  }
}
