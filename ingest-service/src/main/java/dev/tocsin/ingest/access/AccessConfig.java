package dev.tocsin.ingest.access;

import dev.tocsin.common.config.Section;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Who may send; keys of section {@code [ingest]}.
 *
 * @param keysFile keys beside those of the topic
 * @param inFlightShareMax percent of the bytes in flight that one key may hold
 */
public record AccessConfig(
    Mode authentication, Optional<Path> keysFile, long keysReloadMs, int inFlightShareMax) {

  /** How callers prove who they are. */
  public enum Mode {
    NONE,
    KEYS
  }

  /** Reads the keys; problems are noted in the settings. */
  public static AccessConfig from(Section ingest) {
    AccessConfig config =
        new AccessConfig(
            ingest.choice("authentication", Mode.class, Mode.NONE),
            ingest.file("keys_file"),
            ingest.duration("keys_reload_interval", Duration.ofSeconds(10)).toMillis(),
            ingest.integer("in_flight_share_max", 50, 1, 100));
    if (config.keysFile.isPresent() && config.authentication == Mode.NONE) {
      ingest.problem("keys_file", "" + config.keysFile.get(), "authentication = \"keys\" with it");
    }
    if (config.keysReloadMs < 1) {
      ingest.problem("keys_reload_interval", config.keysReloadMs + "ms", "at least 1ms");
    }
    return config;
  }

  /** Whether a caller needs a key. */
  public boolean keysNeeded() {
    return authentication == Mode.KEYS;
  }
}
