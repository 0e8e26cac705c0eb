package dev.tocsin.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people read when they mistype: one line, with the value and what was expected. */
final class CommandFailuresTest {
  @TempDir private Path temp;

  private RealCommand fails(int exitCode, String... arguments) throws Exception {
    RealCommand run = RealCommand.in(temp, arguments);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    assertThat(run.err().lines()).allSatisfy(line -> assertThat(line).startsWith("tocsin: "));
    assertThat(run.err()).doesNotContain("Exception", "\tat ", "null");
    assertThat(run.out()).isEmpty();
    return run;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          frob                           | frob: not understood (expected: see 'tocsin --help')
          up --prot 3                    | --prot: unknown option (expected: see 'tocsin up --help')
          up --demoo                     | --demoo: unknown option (expected: --demo; see 'tocsin up --help')
          up --port-offset x             | --port-offset: x (expected: a whole number)
          up --port-offset               | --port-offset: missing (expected: see 'tocsin up --help')
          up extra                       | extra: not understood (expected: see 'tocsin up --help')
          keys create                    | --name: missing (expected: see 'tocsin keys create --help')
          db                             | no command given (expected: replay-dead-letters)
          bench ftp://a                  | ENDPOINT: ftp://a (expected: host, host:port, http://host:port, https://host:port or [::1]:port)
          conformance a:b                | ENDPOINT: a:b (expected: host, host:port, http://host:port, https://host:port or [::1]:port)
          bench --signal x               | --signal: x (expected: traces, metrics, logs)
          conformance --level x a        | --level: x (expected: one of [MUST, SHOULD, EXPECTED])
          db replay-dead-letters --kafka a:b | --kafka: a:b (expected: HOST:PORT)
          """)
  void wrongArgument_isOneLine_andExit2(String arguments, String expected) throws Exception {
    assertThat(fails(2, arguments.split(" ")).err()).isEqualTo("tocsin: " + expected + "\n");
  }

  @Test
  void configurationThatCannotBeRead_isOneLine_andExit2() throws Exception {
    Files.createDirectory(temp.resolve("directory"));
    Files.writeString(temp.resolve("syntax.toml"), "[ingest]\ngrpc_port =\n");
    Files.write(temp.resolve("bytes.toml"), new byte[] {(byte) 0xff});
    Files.writeString(temp.resolve("section.toml"), "ingest = 3\n");
    assertThat(fails(2, "up", "--config", "nope.toml").err())
        .isEqualTo(
            "tocsin: configuration file nope.toml: no such file or directory (expected: a readable"
                + " TOML file)\n");
    assertThat(fails(2, "up", "--config", "directory").err()).contains("directory: is a directory");
    assertThat(fails(2, "up", "--config", "syntax.toml").err()).startsWith("tocsin: syntax.toml:2");
    assertThat(fails(2, "up", "--config", "bytes.toml").err()).contains("not a text in UTF-8");
    assertThat(fails(2, "up", "--config", "section.toml").err())
        .isEqualTo("tocsin: ingest: 3 (expected: a table [ingest])\n");
    assertThat(fails(2, "db", "replay-dead-letters", "--config", "nope.toml").err())
        .contains("nope.toml: no such file or directory");
  }

  @Test
  void receiverThatIsNotThere_isOneLine_andExit1() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    assertThat(fails(1, "bench", "127.0.0.1:" + closed).err())
        .startsWith("tocsin: cannot reach http://127.0.0.1:" + closed + ": Connection refused");
    String kafka = "127.0.0.1:" + closed;
    assertThat(fails(1, "db", "replay-dead-letters", "--data-dir", "d", "--kafka", kafka).err())
        .isEqualTo(
            "tocsin: kafka: nothing answers at %s, and no 'tocsin up' runs in %s (expected: one that runs there, or --kafka HOST:PORT, or --config FILE)\n"
                .formatted(kafka, temp.toRealPath().resolve("d")));
  }

  @Test
  void placeThatCannotBeWritten_isOneLine_andExit1() throws Exception {
    assertThat(fails(1, "up", "--data-dir", "/proc/1/tocsin").err())
        .startsWith("tocsin: data directory /proc/1/tocsin cannot be used by user ");
    String file = temp.resolve("no/such/directory").toString();
    assertThat(fails(1, "keys", "create", "--name", "a", "--append-to", file).err())
        .isEqualTo("tocsin: " + file + ": no such file or directory\n");
  }
}
