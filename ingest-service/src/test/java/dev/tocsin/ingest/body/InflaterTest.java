package dev.tocsin.ingest.body;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** What is gzip's own, and the ratio; {@link CodecsTest} has what holds for all encodings. */
class InflaterTest {
  private static final int MIB = 1 << 20;

  @Test
  void inflater_readsMembersOneAfterAnother() throws IOException {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.write(gzip("first ".getBytes(UTF_8)));
    both.write(gzip("second".getBytes(UTF_8)));
    assertThat(inflate(new Inflater(MIB, 200), both.toByteArray()))
        .isEqualTo("first second".getBytes(UTF_8));
  }

  @Test
  void inflater_stepsOverOptionalHeaderFields() throws IOException {
    byte[] plain = gzip("text".getBytes(UTF_8));
    ByteArrayOutputStream named = new ByteArrayOutputStream();
    named.write(plain, 0, 3);
    named.write(0x04 | 0x08 | 0x10);
    named.write(plain, 4, 6);
    named.write(new byte[] {2, 0, 9, 9});
    named.write("name\0comment\0".getBytes(UTF_8));
    named.write(plain, 10, plain.length - 10);
    assertThat(inflate(new Inflater(MIB, 200), named.toByteArray()))
        .isEqualTo("text".getBytes(UTF_8));
  }

  @Test
  void inflater_leavesUncompressedBodiesAlone() {
    byte[] body = {1, 2};
    assertThat(new Inflater(1, 1).inflate(ContentEncoding.IDENTITY, body, Allowance.UNLIMITED))
        .isSameAs(body);
  }

  @Test
  void inflater_refusesRatio_longBeforeTheLimit() throws IOException {
    byte[] bomb = gzip(new byte[60 * MIB]);
    AtomicLong taken = new AtomicLong();
    assertThatThrownBy(
            () ->
                new Inflater(64 * MIB, 100)
                    .inflate(ContentEncoding.GZIP, bomb, more -> taken.addAndGet(more) > 0))
        .hasMessageContaining("at most 100 times its compressed size");
    assertThat(taken.get()).isLessThanOrEqualTo(100L * bomb.length);
  }

  @Test
  void inflater_allowsSmallBodiesAnyRatio() throws IOException {
    byte[] plain = new byte[MIB];
    assertThat(inflate(new Inflater(64 * MIB, 1), gzip(plain))).isEqualTo(plain);
  }

  @Test
  void inflater_refusesDamage_wheneverItIs() throws IOException {
    byte[] good = gzip("some text that is a little longer than nothing".getBytes(UTF_8));
    Inflater inflater = new Inflater(MIB, 200);
    for (int length = 0; length < good.length; length++) {
      assertMalformed(inflater, Arrays.copyOf(good, length));
    }
    assertMalformed(inflater, Arrays.copyOf(good, good.length + 20));
    byte[] wrongChecksum = good.clone();
    wrongChecksum[good.length - 6] ^= 1;
    assertMalformed(inflater, wrongChecksum);
    assertThat(inflate(inflater, good)).isNotEmpty();
  }

  private static void assertMalformed(Inflater inflater, byte[] body) {
    var refusal = catchThrowableOfType(RefusedException.class, () -> inflate(inflater, body));
    assertThat(refusal.reason()).isEqualTo(Reason.MALFORMED);
  }

  private static byte[] inflate(Inflater inflater, byte[] body) {
    return inflater.inflate(ContentEncoding.GZIP, body, Allowance.UNLIMITED);
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    }
    return out.toByteArray();
  }
}
