package skep.clients;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** An address of its own for a server, which can be cut off, or lead to another server. */
final class Proxy {
  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile URI target;

  Proxy(String target) throws IOException {
    this.target = URI.create(target);
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + listener.getLocalPort();
  }

  /** An address that nobody listens at. */
  static String dead() throws IOException {
    try (ServerSocket passing = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      return "http://127.0.0.1:" + passing.getLocalPort();
    }
  }

  /** Ends all connections; the next ones lead to another server. */
  void redirect(String to) {
    target = URI.create(to);
    endAll();
  }

  /** Ends all connections and takes no more. */
  void stop() throws IOException {
    listener.close();
    endAll();
  }

  private void endAll() {
    open.forEach(Proxy::close);
    open.clear();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket server = new Socket(target.getHost(), target.getPort());
        open.add(client);
        open.add(server);
        daemon(() -> pump(client, server));
        daemon(() -> pump(server, client));
      } catch (IOException error) {
        // Stopped, or the server is gone; the client's connection ends with its own time-out.
      }
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[16 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int size = in.read(buffer); size >= 0; size = in.read(buffer)) {
        out.write(buffer, 0, size);
      }
    } catch (IOException error) {
      // The other end is told below.
    }
    close(from);
    close(to);
    open.remove(from);
    open.remove(to);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException error) {
      // Closed is what it should be.
    }
  }

  private static void daemon(Runnable body) {
    Thread thread = new Thread(body, "proxy");
    thread.setDaemon(true);
    thread.start();
  }
}
