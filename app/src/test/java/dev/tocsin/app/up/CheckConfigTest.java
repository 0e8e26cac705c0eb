package dev.tocsin.app.up;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.app.RealCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is checked before Kafka and PostgreSQL start, with and without {@code --check-config}. */
final class CheckConfigTest {
  private static final String RULES =
      """
      groups:
        - name: shop
          rules:
            - alert: Slow
              expr: %s
      """;

  @TempDir private Path temp;
  private Path config;

  @BeforeEach
  void files() throws Exception {
    Path directory = Files.createDirectories(temp.resolve("conf/rules"));
    Files.writeString(directory.resolve("good.yml"), RULES.formatted("up == 0"));
    Files.writeString(directory.resolve("bad.yml"), RULES.formatted("up == ="));
    Files.writeString(temp.resolve("conf/slack"), "http://hooks.slack.example/T0/B0/secret\n");
    config = temp.resolve("conf/tocsin.toml");
  }

  private RealCommand up(String... more) throws Exception {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("up", "--data-dir", "data", "--config", "conf/tocsin.toml"));
    arguments.addAll(List.of(more));
    RealCommand run = RealCommand.in(temp, arguments.toArray(String[]::new));
    assertThat(temp.resolve("data")).doesNotExist();
    return run;
  }

  @Test
  void rulesAndDestinations_areTold_allAtOnce_beforeAnythingStarts() throws Exception {
    Files.writeString(
        config,
        """
        [alert]
        rule_files = ["rules/*.yml", "missing.yml"]
        [slack]
        webhook_url_file = "slack"
        [email]
        smtp_host = "mail.example"
        to = ["oncall"]
        [[incident.step]]
        channels = ["pager"]
        [ingest]
        grpc_prot = 1
        """);
    for (RealCommand run : List.of(up("--check-config"), up())) {
      assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
      assertThat(run.err())
          .contains("tocsin: conf/rules/bad.yml:5")
          .contains("tocsin: alert.rule_files: conf/missing.yml (expected: a readable file")
          .contains(
              "tocsin: slack.webhook_url: http://hooks.slack.example/... (expected: https, or a"
                  + " host listed in outbound.allow_hosts)")
          .contains("tocsin: email.to: oncall (expected: addresses such as oncall@example.com)")
          .contains("channels: [pager] (expected: configured channels: slack, email)")
          .contains("tocsin: unknown key ingest.grpc_prot (did you mean grpc_port?)")
          .doesNotContain("good.yml", "secret", "Exception");
    }
  }

  @Test
  void configurationThatIsFine_isSaidToBe_andNothingStarts() throws Exception {
    Files.writeString(
        config,
        """
        [alert]
        rule_files = ["rules/good.yml"]
        [slack]
        webhook_url_file = "slack"
        [outbound]
        allow_hosts = ["hooks.slack.example"]
        """);
    RealCommand run = up("--check-config");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo("configuration OK\n");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void fileThatIsInTheWorkingDirectoryOnly_isUsed_withOneLine() throws Exception {
    Files.move(temp.resolve("conf/rules"), temp.resolve("rules"));
    Files.writeString(config, "[alert]\nrule_files = [\"rules/good.yml\"]\n");
    RealCommand run = up("--check-config");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err().lines())
        .containsExactly(
            "tocsin: warning: alert.rule_files: rules/good.yml is in the working directory"
                + " (expected: beside the configuration file, as conf/rules/good.yml)");
  }
}
