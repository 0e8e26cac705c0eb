package dev.tocsin.common.http;

import dev.tocsin.common.config.Section;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How a listener speaks TLS: a table such as {@code [ingest.tls]}. TLS is on once {@code cert_file}
 * is set.
 *
 * @param certFile certificate chain, PEM, the server's own first
 * @param keyFile its private key, PEM without a password
 * @param clientCaFile authorities whose clients are let in, PEM; when set, a client without a valid
 *     certificate gets no connection
 * @param minVersion 1.2 or 1.3
 * @param reloadMs how often the files are looked at
 */
public record TlsSettings(
    Optional<Path> certFile,
    Optional<Path> keyFile,
    Optional<Path> clientCaFile,
    String minVersion,
    long reloadMs) {
  private static final Set<String> VERSIONS = Set.of("1.2", "1.3");

  /** No TLS. */
  public static final TlsSettings OFF =
      new TlsSettings(Optional.empty(), Optional.empty(), Optional.empty(), "1.2", 60_000);

  /** Reads the table; problems are noted in the settings. */
  public static TlsSettings from(Section table) {
    TlsSettings tls =
        new TlsSettings(
            table.file("cert_file"),
            table.file("key_file"),
            table.file("client_ca_file"),
            table.string("min_version", OFF.minVersion),
            table.duration("reload_interval", Duration.ofMillis(OFF.reloadMs)).toMillis());
    if (tls.certFile.isPresent() != tls.keyFile.isPresent()) {
      table.problem(
          tls.certFile.isPresent() ? "key_file" : "cert_file", "none", "both files, or neither");
    }
    if (tls.clientCaFile.isPresent() && tls.certFile.isEmpty()) {
      table.problem("client_ca_file", "" + tls.clientCaFile.get(), "cert_file and key_file too");
    }
    if (!VERSIONS.contains(tls.minVersion)) {
      table.problem("min_version", tls.minVersion, "1.2 or 1.3");
    }
    if (tls.reloadMs < 1) {
      table.problem("reload_interval", tls.reloadMs + "ms", "at least 1ms");
    }
    return tls;
  }

  /** Whether connections are encrypted at all. */
  public boolean enabled() {
    return certFile.isPresent() && keyFile.isPresent();
  }

  /** Whether clients must prove who they are. */
  public boolean clientsAuthenticate() {
    return enabled() && clientCaFile.isPresent();
  }
}
