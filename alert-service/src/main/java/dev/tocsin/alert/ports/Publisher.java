package dev.tocsin.alert.ports;

import dev.tocsin.common.contract.AlertHeartbeat;
import java.util.List;

/**
 * Where evaluation's results go. Each call publishes all it is given or nothing, and blocks until
 * it is certain which; the next call may follow whatever became of this one. Called by the
 * evaluation thread only.
 *
 * <p>Failures are of three kinds. A {@link Refused} says that something in what was given is not
 * wanted and never will be. An {@link Undecided} says that it is not known whether it was
 * published. Any other RuntimeException says that nothing was, because the world is ill.
 */
public interface Publisher extends AutoCloseable {
  /**
   * As whom this process may speak of alerts at this moment. To be taken before it is looked which
   * groups are its own, and used for all that follows from that look: once it is somebody else it
   * may not say any more what it meant to say, however often that has failed since.
   */
  Voice voice();

  /** Somebody's say; refused when that is nobody any more. */
  interface Voice {
    /**
     * Publishes events and states of alerts.
     *
     * @param heartbeats go with or after the notices
     */
    void announce(List<Notice> notices, List<AlertHeartbeat> heartbeats);
  }

  /** Publishes samples of series that rules made; once more is no harm. */
  void record(List<GaugeSample> samples);

  /**
   * When this returns, every earlier call's publication is visible or never will be.
   *
   * @throws RuntimeException when that is not known yet
   */
  void settle();

  @Override
  void close();

  /** Part of what was given cannot be published, however often it is tried. */
  final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Refused(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** It may or may not have been published. */
  final class Undecided extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Undecided(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
