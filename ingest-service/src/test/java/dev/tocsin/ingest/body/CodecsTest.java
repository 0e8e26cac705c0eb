package dev.tocsin.ingest.body;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every encoding. */
class CodecsTest {
  private static final int MIB = 1 << 20;

  private final Inflater inflater = new Inflater(8 * MIB, 200);

  @AfterEach
  void close() {
    inflater.close();
  }

  @ParameterizedTest
  @EnumSource
  void codec_givesBackWhatWasCompressed(Compressed form) {
    Random random = new Random(1);
    for (int size : new int[] {0, 1, 17, 8_191, 8_192, 8_193, 65_536, 65_537, 300_000, 3 * MIB}) {
      byte[] plain = new byte[size];
      random.nextBytes(plain);
      Arrays.fill(plain, 0, size / 2, (byte) 7);
      assertThat(inflate(inflater, form, form.of(plain))).as("%s bytes", size).isEqualTo(plain);
    }
  }

  @ParameterizedTest
  @EnumSource
  void codec_refusesBomb_andTakesNoMoreMemoryThanItsLimits(Compressed form) {
    byte[] bomb = form.of(new byte[24 * MIB]);
    AtomicLong taken = new AtomicLong();
    Allowance counted = more -> taken.addAndGet(more) > 0;
    try (Inflater bytes = new Inflater(10 * MIB, 1 << 20)) {
      assertRefused(Reason.TOO_LARGE, bytes, form, bomb, counted);
      assertThat(taken.get()).isLessThanOrEqualTo(10 * MIB + windowBytes(form));
    }
    taken.set(0);
    try (Inflater ratio = new Inflater(64 * MIB, 10)) {
      assertRefused(Reason.TOO_LARGE, ratio, form, bomb, counted);
      long limit = Math.max(MIB, 10L * bomb.length);
      assertThat(taken.get()).isLessThanOrEqualTo(limit + windowBytes(form));
    }
  }

  private static long windowBytes(Compressed form) {
    return form == Compressed.ZSTD_STREAM ? 4 * MIB : 0;
  }

  @ParameterizedTest
  @EnumSource
  void codec_allowsExactlyTheLimit(Compressed form) {
    byte[] plain = new byte[2 * MIB];
    new Random(3).nextBytes(plain);
    try (Inflater exact = new Inflater(2 * MIB, 200);
        Inflater less = new Inflater(2 * MIB - 1, 200)) {
      assertThat(inflate(exact, form, form.of(plain))).isEqualTo(plain);
      assertRefused(Reason.TOO_LARGE, less, form, form.of(plain), Allowance.UNLIMITED);
      // The codec is as good as new after a refusal.
      assertThat(inflate(less, form, form.of(new byte[9]))).isEqualTo(new byte[9]);
    }
  }

  @ParameterizedTest
  @EnumSource
  void codec_refusesRetryably_whenMemoryIsNotGranted(Compressed form) {
    assertRefused(Reason.OVER_BUDGET, inflater, form, form.of(new byte[100_000]), more -> false);
  }

  @ParameterizedTest
  @EnumSource
  void codec_refusesCutBodies_whereverTheCutIs(Compressed form) {
    byte[] good = form.of("some text, some text that is a little longer".getBytes(UTF_8));
    for (int length = form.hasEnd() ? 0 : 11; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertRefused(Reason.MALFORMED, inflater, form, cut, Allowance.UNLIMITED);
    }
    assertThat(inflate(inflater, form, good)).isNotEmpty();
  }

  /** A fixed budget; whatever comes, it is inflated within the limits or refused. */
  @ParameterizedTest
  @EnumSource
  void codec_inflatesOrRefuses_whateverItGets(Compressed form) {
    Random random = new Random(5);
    byte[] plain = new byte[5_000];
    int refused = 0;
    for (int round = 0; round < 800; round++) {
      for (int i = 0; i < plain.length; i++) {
        plain[i] = (byte) ('a' + random.nextInt(1 + round % 20));
      }
      byte[] body = form.of(plain);
      for (int damage = random.nextInt(4); damage >= 0; damage--) {
        body[random.nextInt(random.nextBoolean() ? body.length : Math.min(20, body.length))] =
            (byte) random.nextInt(256);
      }
      try {
        assertThat(inflate(inflater, form, body).length).isLessThanOrEqualTo(8 * MIB);
      } catch (RefusedException e) {
        assertThat(e.reason()).isIn(Reason.MALFORMED, Reason.TOO_LARGE);
        refused++;
      }
    }
    assertThat(refused).isPositive();
    assertThat(inflate(inflater, form, form.of(plain))).isEqualTo(plain);
  }

  @Test
  void zstd_readsFramesOneAfterAnother_andStepsOverSkippableOnes() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(Compressed.ZSTD_STREAM.of("first ".getBytes(UTF_8)));
    body.write(new byte[] {0x53, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 9, 9, 9});
    body.write(Compressed.ZSTD_WITH_SIZE.of("second".getBytes(UTF_8)));
    assertThat(inflate(inflater, Compressed.ZSTD_STREAM, body.toByteArray()))
        .isEqualTo("first second".getBytes(UTF_8));
  }

  @Test
  void zstd_refusesDeclaredSize_beforeTakingMemory() {
    byte[] bomb = Zstd.compress(new byte[20 * MIB]);
    assertThat(bomb.length).isLessThan(10_000);
    assertRefused(
        Reason.TOO_LARGE,
        inflater,
        Compressed.ZSTD_WITH_SIZE,
        bomb,
        more -> {
          throw new AssertionError("memory was asked for");
        });
  }

  @Test
  void zstd_givesBackItsWindow_whenTheBodyIsInflated() {
    AtomicLong held = new AtomicLong();
    AtomicLong most = new AtomicLong();
    Allowance counted =
        new Allowance() {
          @Override
          public boolean grow(long bytes) {
            most.accumulateAndGet(held.addAndGet(bytes), Math::max);
            return true;
          }

          @Override
          public void shrink(long bytes) {
            held.addAndGet(-bytes);
          }
        };
    byte[] plain = new byte[100_000];
    new Random(1).nextBytes(plain);
    byte[] body = Compressed.ZSTD_STREAM.of(plain);
    assertThat(inflater.inflate(ContentEncoding.ZSTD, body, counted)).isEqualTo(plain);
    assertThat(most.get()).isGreaterThan(MIB);
    assertThat(held.get()).isBetween(100_000L, 200_000L);
  }

  @Test
  void zstd_refusesWindowsOverEightMebibytes() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (ZstdOutputStream stream = new ZstdOutputStream(body)) {
      stream.setLong(24);
      stream.write(new byte[100]);
    }
    var refusal =
        assertRefused(
            Reason.MALFORMED,
            inflater,
            Compressed.ZSTD_STREAM,
            body.toByteArray(),
            Allowance.UNLIMITED);
    assertThat(refusal)
        .hasMessage(
            "body: not valid zstd, its window is 16777216 bytes (expected: at most 8388608)");
  }

  @Test
  void snappy_refusesDeclaredLength_beforeTakingMemory() {
    byte[] lie = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0x7f, 0, 'a'};
    assertRefused(
        Reason.TOO_LARGE,
        inflater,
        Compressed.SNAPPY_BLOCK,
        lie,
        more -> {
          throw new AssertionError("memory was asked for");
        });
  }

  @Test
  void snappy_refusesWrongChecksum_andReservedChunks() {
    byte[] good = Compressed.SNAPPY_FRAMED.of(new byte[100]);
    byte[] wrong = good.clone();
    wrong[14] ^= 1;
    assertRefused(Reason.MALFORMED, inflater, Compressed.SNAPPY_FRAMED, wrong, Allowance.UNLIMITED);
    byte[] reserved = good.clone();
    reserved[10] = 2;
    assertRefused(
        Reason.MALFORMED, inflater, Compressed.SNAPPY_FRAMED, reserved, Allowance.UNLIMITED);
  }

  @Test
  void encodings_areKnownByTheirNames_andNeverInChains() {
    assertThat(ContentEncoding.ACCEPTED).isEqualTo("identity,gzip,zstd,deflate,snappy");
    assertThat(ContentEncoding.of(List.of())).hasValue(ContentEncoding.IDENTITY);
    assertThat(ContentEncoding.of(List.of(" X-Gzip "))).hasValue(ContentEncoding.GZIP);
    assertThat(ContentEncoding.of(List.of("zlib"))).hasValue(ContentEncoding.DEFLATE);
    assertThat(ContentEncoding.of(List.of("x-snappy-framed"))).hasValue(ContentEncoding.SNAPPY);
    assertThat(ContentEncoding.of(List.of("br"))).isEmpty();
    assertThat(ContentEncoding.of(List.of("gzip, gzip"))).isEmpty();
    assertThat(ContentEncoding.of(List.of("gzip", "zstd"))).isEmpty();
  }

  private static RefusedException assertRefused(
      Reason reason, Inflater inflater, Compressed form, byte[] body, Allowance allowance) {
    var refusal =
        catchThrowableOfType(
            RefusedException.class, () -> inflater.inflate(form.encoding(), body, allowance));
    assertThat(refusal).as("%s bytes", body.length).isNotNull();
    assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
    return refusal;
  }

  private static byte[] inflate(Inflater inflater, Compressed form, byte[] body) {
    return inflater.inflate(form.encoding(), body, Allowance.UNLIMITED);
  }
}
