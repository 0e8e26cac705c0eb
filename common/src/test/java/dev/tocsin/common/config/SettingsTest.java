package dev.tocsin.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @TempDir Path dir;

  @Test
  void value_comesFromOverride_thenEnvironment_thenFile_thenDefault() throws Exception {
    Path file = file("[ingest]\ngrpc_port = 1\nhttp_port = 2\nadmin_port = 3\n");
    Settings settings =
        Settings.load(
            file,
            Map.of("TOCSIN_INGEST_GRPC_PORT", "10", "TOCSIN_INGEST_HTTP_PORT", "20"),
            Map.of("ingest.grpc_port", "100"));
    Section ingest = settings.section("ingest");
    assertThat(ingest.port("grpc_port", 4317)).isEqualTo(100);
    assertThat(ingest.port("http_port", 4318)).isEqualTo(20);
    assertThat(ingest.port("admin_port", 8081)).isEqualTo(3);
    assertThat(ingest.port("other_port", 7)).isEqualTo(7);
    settings.verify();
  }

  @Test
  void verify_namesEveryProblemAtOnce_withExpectationAndHint() throws Exception {
    Path file = file("[ingest]\ngrpc_port = 70000\nhttp_prot = 1\n[storge]\nx = 1\n");
    Settings settings = Settings.load(file, Map.of("TOCSIN_INGEST_GRPC_PROT", "1"), Map.of());
    Section ingest = settings.section("ingest");
    assertThat(ingest.port("grpc_port", 4317)).isEqualTo(4317);
    assertThat(ingest.port("http_port", 4318)).isEqualTo(4318);
    assertThat(ingest.duration("grace", Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(1));
    assertThatThrownBy(settings::verify)
        .isInstanceOfSatisfying(
            ConfigException.class,
            e ->
                assertThat(e.problems())
                    .containsExactlyInAnyOrder(
                        "ingest.grpc_port: 70000 (expected: 0-65535)",
                        "unknown section [storge] (did you mean storage?)",
                        "unknown key ingest.http_prot (did you mean http_port?)",
                        "unknown environment variable TOCSIN_INGEST_GRPC_PROT (did you mean"
                            + " TOCSIN_INGEST_GRPC_PORT?)"));
  }

  @Test
  void tableInATable_isReadAndCheckedLikeAnyOther() throws Exception {
    Path file = file("[ingest.tls]\ncert_file = \"a.pem\"\nkye_file = \"b.pem\"\n");
    Settings settings =
        Settings.load(
            file,
            Map.of("TOCSIN_INGEST_TLS_MIN_VERSION", "1.3", "TOCSIN_INGEST_TLS_X", "1"),
            Map.of());
    Section tls = settings.section("ingest").table("tls");
    assertThat(tls.string("cert_file")).hasValue("a.pem");
    assertThat(tls.string("key_file")).isEmpty();
    assertThat(tls.string("min_version", "1.2")).isEqualTo("1.3");
    assertThat(settings.declared()).containsEntry("ingest.tls.min_version", "1.2");
    assertThatThrownBy(settings::verify)
        .hasMessageContaining("unknown key ingest.tls.kye_file (did you mean key_file?)")
        .hasMessageContaining("unknown environment variable TOCSIN_INGEST_TLS_X");
  }

  @Test
  void secret_isReadFromItsFile_andNeverPrinted() throws Exception {
    Path secretFile = Files.writeString(dir.resolve("key"), "s3cr3t\n");
    Settings settings = Settings.of(Map.of("slack.webhook_url_file", secretFile.toString()));
    Secret secret = settings.section("slack").secret("webhook_url").orElseThrow();
    assertThat(secret.reveal()).isEqualTo("s3cr3t");
    assertThat("" + secret).isEqualTo("***");
  }

  @Test
  void tables_areReadInOrder_andTheirUnknownKeysReported() throws Exception {
    Path file =
        file("[[incident.step]]\nchannels=['slack','email']\n[[incident.step]]\ndelai='5m'\n");
    Settings settings = Settings.load(file, Map.of(), Map.of());
    List<Section> steps = settings.section("incident").tables("step");
    assertThat(steps.get(0).strings("channels", List.of())).containsExactly("slack", "email");
    assertThat(steps.get(1).duration("delay", Duration.ZERO)).isEqualTo(Duration.ZERO);
    assertThatThrownBy(settings::verify)
        .hasMessage("unknown key incident.step[1].delai (did you mean delay?)");
  }

  @Test
  void load_namesTheLine_whenTheFileIsNoToml() throws Exception {
    Path file = file("[ingest]\nport = = 3\n");
    assertThatThrownBy(() -> Settings.load(file, Map.of(), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(file + ":2");
  }

  private Path file(String text) throws Exception {
    return Files.writeString(dir.resolve("tocsin.toml"), text);
  }

  @Test
  void fileOfTheConfiguration_isBesideIt_thatOfTheEnvironmentInTheWorkingDirectory()
      throws Exception {
    Files.writeString(dir.resolve("secret"), "beside");
    Path file =
        file(
            """
            [alert]
            rule_files = ["rules/*.yml", "/etc/rules.yml"]
            [ingest]
            keys_file = "keys"
            [postgres]
            password_file = "secret"
            """);
    Settings settings = Settings.load(file, Map.of("TOCSIN_INGEST_TLS_CERT_FILE", "c"), Map.of());
    assertThat(settings.section("postgres").secret("password").orElseThrow().reveal())
        .isEqualTo("beside");
    assertThat(settings.section("alert").files("rule_files"))
        .containsExactly(dir.resolve("rules/*.yml").toString(), "/etc/rules.yml");
    Section ingest = settings.section("ingest");
    assertThat(ingest.file("keys_file")).contains(dir.resolve("keys"));
    assertThat(ingest.table("tls").file("cert_file")).contains(Path.of("c"));
    settings.verify();
    assertThat(settings.warnings()).isEmpty();
  }

  /** As before files were looked for beside the configuration; tests run in their module. */
  @Test
  void fileInTheWorkingDirectoryOnly_isUsed_withAWarning() throws Exception {
    Path file = file("[alert]\nrule_files = [\"pom.*\"]\n[ingest]\nkeys_file = \"pom.xml\"\n");
    Settings settings = Settings.load(file, Map.of(), Map.of());
    assertThat(settings.section("ingest").file("keys_file")).contains(Path.of("pom.xml"));
    assertThat(settings.section("ingest").file("keys_file")).contains(Path.of("pom.xml"));
    assertThat(settings.section("alert").files("rule_files")).containsExactly("pom.*");
    assertThat(settings.warnings())
        .containsExactly(
            "ingest.keys_file: pom.xml is in the working directory (expected: beside the"
                + " configuration file, as "
                + dir.resolve("pom.xml")
                + ")",
            "alert.rule_files: pom.* is in the working directory (expected: beside the"
                + " configuration file, as "
                + dir.resolve("pom.*")
                + ")");
  }

  @Test
  void secretFileThatIsNotThere_isNamedWhereItWasLookedFor() throws Exception {
    Settings settings =
        Settings.load(file("[slack]\nwebhook_url_file = \"no\"\n"), Map.of(), Map.of());
    assertThat(settings.section("slack").secret("webhook_url")).isEmpty();
    assertThatThrownBy(settings::verify)
        .hasMessage("slack.webhook_url_file: %s (expected: a readable file)", dir.resolve("no"));
  }
}
