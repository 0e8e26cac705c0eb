package dev.tocsin.testkit.sim;

import java.util.function.Supplier;
import org.slf4j.MDC;

/** Keeps the logs of a simulation away: its trace tells what happens. */
public final class Quiet {
  /** Key in the logging context; see {@code logback-test.xml}. */
  private static final String KEY = "simulation";

  private Quiet() {}

  public static <T> T call(Supplier<T> body) {
    if (Boolean.getBoolean(Trace.PRINT)) {
      return body.get();
    }
    MDC.put(KEY, "quiet");
    try {
      return body.get();
    } finally {
      MDC.remove(KEY);
    }
  }
}
