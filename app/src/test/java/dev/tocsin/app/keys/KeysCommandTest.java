package dev.tocsin.app.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.contract.AccessKeyRecord;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class KeysCommandTest {
  @TempDir Path dir;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void create_printsTheSecretOnce_andTheLineThatHoldsItsHashOnly() throws Exception {
    assertThat(
            run(
                "create",
                "--name",
                "shop",
                "--scope",
                "traces,logs",
                "--requests-per-minute",
                "1000",
                "--days",
                "30"))
        .isZero();
    List<String> lines = out.toString().lines().toList();
    assertThat(lines).hasSize(2);
    String secret = lines.get(0);
    AccessKeyRecord key = AccessKeyRecord.decode(lines.get(1).getBytes(UTF_8));
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8));
    assertThat(key.sha256()).isEqualTo(HexFormat.of().formatHex(hash));
    assertThat(secret).startsWith("tocsin_" + key.keyId() + "_").hasSizeGreaterThan(60);
    assertThat(lines.get(1)).doesNotContain(secret);
    assertThat(key.scopes()).containsExactly("traces", "logs");
    assertThat(key.limits()).isEqualTo(new AccessKeyRecord.Limits(1_000, 100, 0, 0));
    assertThat(key.expiresAt()).isEqualTo(key.createdAt().plusSeconds(30 * 86_400));
  }

  @Test
  void create_appendsToTheFile_andRefusesUnknownScopes() throws Exception {
    Path file = dir.resolve("keys");
    assertThat(run("create", "--name", "a", "--append-to", file.toString())).isZero();
    assertThat(run("create", "--name", "b", "--append-to", file.toString())).isZero();
    assertThat(Files.readAllLines(file)).hasSize(2);
    assertThat(out.toString().lines()).hasSize(2).allMatch(line -> line.startsWith("tocsin_k"));
    assertThat(run("create", "--name", "c", "--scope", "trace")).isEqualTo(2);
    assertThat(err.toString()).contains("--scope: [trace] (expected: some of [traces, metrics");
  }

  private int run(String... arguments) {
    return new CommandLine(new KeysCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
