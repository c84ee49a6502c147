package skep.clients;

/** Main GROUP REGISTRY CONFIG OTHER: the checks of a group against running daemons, by their URLs. */
final class Main {
  private Main() {}

  public static void main(String[] arguments) throws Exception {
    String registry = arguments[1];
    Checks checks = new Checks();
    switch (arguments[0]) {
      case "registry":
        new RegistryChecks(registry).run(checks);
        break;
      default:
        throw new IllegalArgumentException("no group " + arguments[0]);
    }
    // The clients' threads would go on.
    System.exit(checks.finish() ? 0 : 1);
  }
}
