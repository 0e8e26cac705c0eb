package dev.tocsin.app.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.app.conformance.cases.CaseSuite;
import dev.tocsin.app.conformance.check.ConformanceCase;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConformanceCommandTest {
  @Test
  void cases_haveKeysOfTheirOwn() {
    assertThat(CaseSuite.all()).extracting(ConformanceCase::key).doesNotHaveDuplicates();
  }

  @Test
  void document_listsEveryCase() throws Exception {
    String document = Files.readString(Path.of("../docs/conformance.md"));
    String listed = ConformanceRun.of("--list").out();
    assertThat(document.substring(document.indexOf("## Transport")))
        .as("docs/conformance.md from its first table on (expected: tocsin conformance --list)")
        .isEqualTo(listed);
  }

  @Test
  void text_tellsSentCameExpectedAndHowToRepeat_withoutTheSecret() throws Exception {
    try (StubReceiver stub = new StubReceiver(Defect.PLAIN_TEXT_415)) {
      ConformanceRun run =
          ConformanceRun.of(
              "--http=" + stub.address(),
              "--header=authorization=Bearer s3cret",
              "--only=O-22/status-of-415",
              "--signal=traces");
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.out())
          .contains("FAIL  O-22  MUST     http/protobuf traces  status-of-415")
          .contains("      sent      POST /v1/traces, content-type: text/plain; one valid span (")
          .contains("      came      HTTP 415, content-type: text/plain; 12 bytes: no such type")
          .contains("      expected  a google.rpc.Status as application/x-protobuf or application")
          .contains("      spec      OTLP/HTTP Response: Failures")
          .contains("| curl -sS -i -H 'content-type: text/plain' -H 'authorization: ***'")
          .contains("MUST 0/2   SHOULD 0/0   EXPECTED 0/0   skipped 0")
          .doesNotContain("s3cret");
      assertThat(run.out().lines().filter(line -> !line.startsWith("      try ")))
          .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }
  }

  @Test
  void onlyShould_doesNotFailTheRun(@TempDir Path directory) throws Exception {
    Path json = directory.resolve("report.json");
    Path junit = directory.resolve("report.xml");
    try (StubReceiver stub = new StubReceiver(Defect.PARTIAL_SUCCESS_FOR_FULL_SUCCESS)) {
      ConformanceRun run =
          ConformanceRun.of(
              stub.address().replaceFirst(":.*", ""),
              "--grpc=none",
              "--http=" + stub.address(),
              "--only=O-5",
              "--signal=traces",
              "--json=" + json,
              "--junit=" + junit);
      assertThat(run.exitCode()).isZero();
      assertThat(run.out())
          .contains("SKIP  O-5   MUST     grpc traces           full-success")
          .contains("because   no address was given for grpc");
      assertThat(Files.readString(json)).contains("\"outcome\" : \"failed\"");
      assertThat(Files.readString(junit)).contains("failures=\"2\"").contains("<failure message");
    }
  }

  /** The stub's port is neither of OTLP's: what is asked there is both, and the usual two apart. */
  @Test
  void endpoint_mayNameThePort() throws Exception {
    try (StubReceiver stub = new StubReceiver(Defect.NONE)) {
      ConformanceRun run =
          ConformanceRun.of(stub.address(), "--grpc=none", "--only=O-5", "--signal=traces");
      assertThat(run.err()).isEmpty();
      assertThat(run.out()).contains("http/protobuf traces").contains("SKIP  O-5");
    }
    assertThat(ConformanceRun.of("192.0.2.1:4317", "--timeout=1ms").err())
        .contains("cannot connect to http://192.0.2.1:4317 for GRPC")
        .doesNotContain("for HTTP");
  }

  @Test
  void nothingToTry_isExit2() throws Exception {
    assertThat(ConformanceRun.of().exitCode()).isEqualTo(2);
    assertThat(ConformanceRun.of("h", "--only=O-999").exitCode()).isEqualTo(2);
    assertThat(ConformanceRun.of("h", "--size-limit=1").err())
        .contains("(expected: 1MiB to 256MiB)");
    assertThat(ConformanceRun.of("h", "--timeout=soon").err()).contains("--timeout: soon");
    assertThat(ConformanceRun.of("h", "--header=broken").err()).contains("expected: NAME=VALUE");
    assertThat(ConformanceRun.of("h:port").err())
        .contains("ENDPOINT: h:port (expected: host, host:port, http://host:port");
    assertThat(ConformanceRun.of("--http=::1").err()).contains("--http: ::1 (expected: host, ");
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    ConformanceRun unreachable = ConformanceRun.of("--http=127.0.0.1:" + closed);
    assertThat(unreachable.exitCode()).isEqualTo(2);
    assertThat(unreachable.err()).contains("cannot connect to http://127.0.0.1:" + closed);
  }
}
