package dev.tocsin.ingest.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.ingest.ports.RefusedException;
import io.vertx.core.buffer.Buffer;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WebTextTest {

  @Test
  void text_isDecoded_howeverItIsPaddedAndCut() {
    Random random = new Random(1);
    for (int round = 0; round < 500; round++) {
      Buffer plain = Buffer.buffer();
      StringBuilder text = new StringBuilder();
      for (int piece = random.nextInt(4); piece >= 0; piece--) {
        byte[] bytes = new byte[random.nextInt(20)];
        random.nextBytes(bytes);
        plain.appendBytes(bytes);
        text.append(Base64.getEncoder().encodeToString(bytes));
      }
      WebText decoder = new WebText();
      Buffer decoded = Buffer.buffer();
      for (int start = 0; start < text.length(); ) {
        int end = Math.min(text.length(), start + 1 + random.nextInt(9));
        decoded.appendBuffer(decoder.decode(Buffer.buffer(text.substring(start, end))));
        start = end;
      }
      decoder.end();
      assertThat(decoded).as(text.toString()).isEqualTo(plain);
    }
  }

  @Test
  void text_isRefused_whenItIsNoBase64OrCut() {
    for (String text : new String[] {"A?==", "====", "AA=A", "\u00fcAAA"}) {
      assertThatThrownBy(() -> new WebText().decode(Buffer.buffer(text.getBytes(UTF_8))))
          .as(text)
          .isInstanceOf(RefusedException.class)
          .hasMessageStartingWith("grpc-web-text: ");
    }
    WebText cut = new WebText();
    assertThat(cut.decode(Buffer.buffer("AAA")).length()).isZero();
    assertThatThrownBy(cut::end).hasMessageContaining("base64 ends within a group");
  }

  @Test
  void forms_areToldByContentType() {
    assertThat(GrpcForm.of("application/grpc")).hasValue(GrpcForm.NATIVE);
    assertThat(GrpcForm.of("application/grpc+proto; charset=utf-8")).hasValue(GrpcForm.NATIVE);
    assertThat(GrpcForm.of("Application/gRPC-Web")).hasValue(GrpcForm.WEB);
    assertThat(GrpcForm.of("application/grpc-web-text+proto")).hasValue(GrpcForm.WEB_TEXT);
    assertThat(GrpcForm.of("application/grpc+json")).isEmpty();
    assertThat(GrpcForm.of("application/grpcx")).isEmpty();
    assertThat(GrpcForm.of(null)).isEmpty();
  }
}
