package skep.clients;

/**
 * Main GROUP REGISTRY CONFIG OTHER: runs the checks of a group against daemons at these URLs.
 * REGISTRY and CONFIG are two addresses of one (M40), OTHER is another.
 */
final class Main {
  private Main() {}

  public static void main(String[] arguments) throws Exception {
    String registry = arguments[1];
    Checks checks = new Checks();
    switch (arguments[0]) {
      case "registry":
        new RegistryChecks(registry).run(checks);
        break;
      case "application":
        new ApplicationChecks(registry).run(checks);
        break;
      case "config":
        new ConfigChecks(arguments[2], Proxy.dead()).run(checks);
        break;
      case "failover":
        new FailoverChecks(registry, arguments[3]).run(checks);
        break;
      case "comeback":
        new FailoverChecks(registry, arguments[3]).runComeback(checks);
        break;
      default:
        throw new IllegalArgumentException("no group " + arguments[0]);
    }
    // The clients' threads would go on.
    System.exit(checks.finish() ? 0 : 1);
  }
}
