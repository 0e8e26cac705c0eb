package dev.tocsin.common.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.runtime.ServiceContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SelfSignedCertificate;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsReloaderTest {
  private static final SelfSignedCertificate first = SelfSignedCertificate.create("first.test");
  private static final SelfSignedCertificate second = SelfSignedCertificate.create("second.test");
  private static Vertx vertx;

  @TempDir Path dir;
  private Path cert;
  private Path key;
  private TlsSettings settings;

  @BeforeAll
  static void open() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
    first.delete();
    second.delete();
  }

  @BeforeEach
  void files() throws Exception {
    cert = dir.resolve("cert.pem");
    key = dir.resolve("key.pem");
    put(first.certificatePath(), cert);
    put(first.privateKeyPath(), key);
    Settings all =
        Settings.of(
            Map.of(
                "ingest.tls.cert_file", cert.toString(),
                "ingest.tls.key_file", key.toString(),
                "ingest.tls.reload_interval", "1h"));
    settings = TlsSettings.from(all.section("ingest").table("tls"));
    all.verify();
  }

  @Test
  void changedFiles_areHandedOn_onceTheyFitTogether() throws Exception {
    TlsReloader tls = reloader(InstantSource.system());
    List<ServerSSLOptions> given = new ArrayList<>();
    tls.onChange(
        options -> {
          given.add(options);
          return Future.succeededFuture();
        });
    await(tls.start());
    await(tls.look());
    assertThat(given).isEmpty();

    put(second.certificatePath(), cert);
    await(tls.look());
    assertThat(given).isEmpty();
    assertThat(await(tls.check()).issues().toString())
        .contains("the key is not that of the certificate; the certificate loaded before is kept");

    put(second.privateKeyPath(), key);
    await(tls.look());
    assertThat(given).hasSize(1);
    assertThat(await(tls.check()).issues()).isEmpty();

    Files.writeString(cert, "nonsense");
    await(tls.look());
    assertThat(await(tls.check()).issues().toString()).contains("no certificate and key in PEM");
    assertThat(given).hasSize(1);
    await(tls.stop());
  }

  @Test
  void start_fails_whenAFileIsMissing_orTheCertificateIsNotValid() throws Exception {
    assertThatThrownBy(() -> await(reloader(InstantSource.fixed(Instant.EPOCH)).start()))
        .hasMessageContaining("TLS: NotBefore");
    Files.delete(key);
    assertThatThrownBy(() -> await(reloader(InstantSource.system()).start()))
        .hasMessageContaining("key.pem");
  }

  @Test
  void settings_nameWhatDoesNotFit() {
    Settings all =
        Settings.of(Map.of("ingest.tls.cert_file", "a.pem", "ingest.tls.min_version", "1.1"));
    TlsSettings.from(all.section("ingest").table("tls"));
    assertThatThrownBy(all::verify)
        .hasMessageContaining("ingest.tls.key_file: none (expected: both files, or neither)")
        .hasMessageContaining("ingest.tls.min_version: 1.1 (expected: 1.2 or 1.3)");
  }

  private TlsReloader reloader(InstantSource clock) {
    return new TlsReloader(ServiceContext.create(vertx, "test", clock), settings);
  }

  private static void put(String from, Path to) throws Exception {
    Files.copy(Path.of(from), to, StandardCopyOption.REPLACE_EXISTING);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
