package dev.tocsin.app.conformance.probe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class Http1ParserTest {
  private final Http1Parser parser = new Http1Parser();

  @Test
  void answer_isComplete_withItsLastByteOnly() throws Exception {
    String answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX-A: b\r\n\r\n{}";
    for (int i = 0; i < answer.length() - 1; i++) {
      parser.append(Buffer.buffer(answer.substring(i, i + 1)));
      assertThat(parser.next(false)).isEmpty();
    }
    parser.append(Buffer.buffer("}"));
    Answer parsed = parser.next(false).orElseThrow();
    assertThat(parsed.status()).isEqualTo(200);
    assertThat(parsed.header("x-a")).isEqualTo("b");
    assertThat(parsed.body()).asString(UTF_8).isEqualTo("{}");
  }

  @Test
  void answersInARow_areToldApart_andInterimOnesSteppedOver() throws Exception {
    parser.append(Buffer.buffer("HTTP/1.1 100 Continue\r\n\r\n"));
    parser.append(Buffer.buffer("HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n"));
    parser.append(Buffer.buffer("3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n"));
    parser.append(Buffer.buffer("HTTP/1.1 204 Empty\r\n\r\n"));
    assertThat(parser.next(false).orElseThrow().body()).asString(UTF_8).isEqualTo("abcd");
    assertThat(parser.next(false).orElseThrow().status()).isEqualTo(204);
    assertThat(parser.isEmpty()).isTrue();
  }

  @Test
  void bodyWithoutALength_endsWithTheConnection() throws Exception {
    parser.append(Buffer.buffer("HTTP/1.0 500 Oops\r\n\r\nsome text"));
    assertThat(parser.next(false)).isEmpty();
    assertThat(parser.next(true).orElseThrow().body()).asString(UTF_8).isEqualTo("some text");
  }

  @Test
  void whatIsNoHttp_isRefused() throws Exception {
    parser.append(Buffer.buffer("SSH-2.0-OpenSSH\r\n\r\n"));
    assertThatThrownBy(() -> parser.next(false)).hasMessageContaining("no HTTP/1.1: SSH-2.0");
  }
}
