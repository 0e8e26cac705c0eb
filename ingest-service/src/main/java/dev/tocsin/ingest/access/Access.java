package dev.tocsin.ingest.access;

import dev.tocsin.ingest.ports.RefusedException;
import io.vertx.core.MultiMap;

/** Says who sends. Thread-safe; never blocks. */
public interface Access {

  /**
   * Those who send without having said who they are, with a name for metrics. They get nowhere
   * where authentication is on.
   */
  Caller unknown();

  /**
   * Who sent these headers.
   *
   * @throws RefusedException when they hold no key that is valid now
   */
  Caller authenticate(MultiMap headers);

  /** Whether any key may be used by pages of this origin. */
  boolean allowsOrigin(String origin);

  /** Lets everybody in. */
  static Access open() {
    Caller everybody = Caller.without("none");
    return new Access() {
      @Override
      public Caller unknown() {
        return everybody;
      }

      @Override
      public Caller authenticate(MultiMap headers) {
        return everybody;
      }

      @Override
      public boolean allowsOrigin(String origin) {
        return false;
      }
    };
  }
}
