package dev.tocsin.otlp.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlainAttributeTest {

  @Test
  void attribute_isPlain_onlyWithAnAsciiKeyAndShortText() {
    for (int length = 0; length < 124; length++) {
      assertThat(isPlain(RandomOtlp.attribute("k".repeat(length / 2), "v".repeat(length / 2))))
          .isEqualTo(length / 2 > 0);
    }
    assertThat(isPlain(RandomOtlp.attribute("k", "grün"))).isFalse();
    assertThat(isPlain(RandomOtlp.attribute("kü", "v"))).isFalse();
    assertThat(isPlain(RandomOtlp.attribute("k", "v".repeat(128)))).isFalse();
    var number = AnyValue.newBuilder().setIntValue(5);
    assertThat(isPlain(KeyValue.newBuilder().setKey("key").setValue(number).build())).isFalse();
  }

  @Test
  void whatIsPlain_isWhatProtobufReads_underRandomDamage() throws Exception {
    Random random = new Random(2);
    int plain = 0;
    for (int round = 0; round < 50_000; round++) {
      byte[] bytes =
          RandomOtlp.attribute("key".repeat(random.nextInt(4)), "v".repeat(random.nextInt(20)))
              .toByteArray();
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      if (PlainAttribute.is(bytes, 0, bytes.length)) {
        KeyValue parsed = parse(bytes);
        assertThat(parsed.getKey().getBytes(UTF_8).length).isEqualTo(bytes[1]);
        assertThat(parsed.getValue().hasStringValue()).isTrue();
        assertThat(parsed.getUnknownFields().asMap()).isEmpty();
        plain++;
      }
    }
    assertThat(plain).isGreaterThan(1_000);
  }

  private static KeyValue parse(byte[] bytes) throws InvalidProtocolBufferException {
    return KeyValue.parseFrom(bytes);
  }

  private static boolean isPlain(KeyValue attribute) {
    byte[] bytes = attribute.toByteArray();
    return PlainAttribute.is(bytes, 0, bytes.length);
  }
}
