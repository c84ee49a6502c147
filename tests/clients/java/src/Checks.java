package skep.clients;

import java.util.Objects;
import java.util.function.Predicate;

/**
 * Runs the checks of a group one after another and counts them. One that fails says what was
 * expected and what was there; those behind it are run all the same.
 */
final class Checks {
  interface Body {
    void run() throws Exception;
  }

  interface Source<T> {
    T get() throws Exception;
  }

  private static final long DEADLINE_MILLIS = 15_000;
  private static final long PAUSE_MILLIS = 20;

  private int passed;
  private int failed;

  void check(String claim, Body body) {
    long start = System.nanoTime();
    try {
      body.run();
      ++passed;
      System.out.printf("ok     %s (%d ms)%n", claim, millisSince(start));
    } catch (Throwable error) {
      ++failed;
      System.out.printf("FAILED %s (%d ms)%n", claim, millisSince(start));
      error.printStackTrace(System.out);
    }
  }

  /** Prints the sum and says whether all is well. */
  boolean finish() {
    System.out.printf("%d passed, %d failed%n", passed, failed);
    return failed == 0 && passed > 0;
  }

  static void equal(String what, Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) {
      throw new AssertionError(what + ": expected <" + expected + ">, got <" + actual + ">");
    }
  }

  static void holds(String what, boolean condition) {
    if (!condition) {
      throw new AssertionError("not so: " + what);
    }
  }

  /** The error that the body must end with; its text must name the given one. */
  static void fails(String what, String text, Body body) {
    try {
      body.run();
    } catch (Exception error) {
      for (Throwable cause = error; cause != null; cause = cause.getCause()) {
        if (String.valueOf(cause.getMessage()).contains(text)) {
          return;
        }
      }
      throw new AssertionError(what + ": expected an error that names " + text, error);
    }
    throw new AssertionError(what + ": expected an error that names " + text + ", got none");
  }

  /** Asks until the answer is as wanted, and gives up after a while. */
  static <T> T eventually(String what, Source<T> source, Predicate<T> wanted) throws Exception {
    return within(DEADLINE_MILLIS, what, source, wanted);
  }

  static <T> T within(long millis, String what, Source<T> source, Predicate<T> wanted)
      throws Exception {
    long start = System.nanoTime();
    while (true) {
      T answer = source.get();
      if (wanted.test(answer)) {
        return answer;
      }
      if (millisSince(start) > millis) {
        throw new AssertionError(what + ": not within " + millis + " ms; last: <" + answer + ">");
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  static long millisSince(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }
}
