package dev.tocsin.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import dev.tocsin.otlp.wire.Signal;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class PayloadsTest {
  private static final int ITEMS = 16;

  @Test
  void grpc_framesEveryMessage() throws Exception {
    BenchOptions options = options(Protocol.GRPC, BodyCompression.NONE, false);
    Payloads payloads = Payloads.fresh(options, batch(Protocol.GRPC), 2);
    Buffer first = payloads.request(0, 0, 1_000);
    Buffer second = payloads.request(1, 1, 1_000);
    assertThat(first.getByte(0)).isZero();
    assertThat(first.getInt(1)).isEqualTo(first.length() - 5);
    Set<ByteString> traces = new HashSet<>();
    for (Buffer request : List.of(first, second)) {
      BatchesTest.spans(request.getBytes(5, request.length())).stream()
          .map(Span::getTraceId)
          .forEach(traces::add);
    }
    assertThat(traces).hasSize(2 * ITEMS / 8);
  }

  @Test
  void pool_holdsDifferentBatches_thatTakeTurns() throws Exception {
    BenchOptions options = options(Protocol.GRPC, BodyCompression.GZIP, false);
    List<Buffer> pool = Payloads.pool(options, batch(Protocol.GRPC), 1_000);
    assertThat(pool).hasSize(Payloads.POOL_SIZE).doesNotHaveDuplicates();
    Payloads payloads = Payloads.pooled(pool);
    assertThat(payloads.request(0, Payloads.POOL_SIZE + 3, 9)).isEqualTo(pool.get(3));
    assertThat(pool.get(3).getByte(0)).isEqualTo((byte) 1);
    byte[] message = pool.get(3).getBytes(5, pool.get(3).length());
    assertThat(BatchesTest.spans(gunzip(message))).hasSize(ITEMS);
  }

  @Test
  void unique_compressesEveryRequestAnew() throws Exception {
    BenchOptions options = options(Protocol.HTTP_PROTOBUF, BodyCompression.ZSTD, true);
    Payloads payloads = Payloads.fresh(options, batch(Protocol.HTTP_PROTOBUF), 1);
    byte[] first = payloads.request(0, 0, 1_000).getBytes();
    byte[] second = payloads.request(0, 1, 1_000).getBytes();
    assertThat(first).isNotEqualTo(second);
    byte[] plain = Zstd.decompress(second, (int) Zstd.getFrameContentSize(second));
    assertThat(BatchesTest.spans(plain)).hasSize(ITEMS);
  }

  private static byte[] gunzip(byte[] message) throws Exception {
    return new GZIPInputStream(new ByteArrayInputStream(message)).readAllBytes();
  }

  private static RequestTemplate batch(Protocol protocol) {
    return Batches.of(Signal.TRACES, protocol, ITEMS, 8);
  }

  private static BenchOptions options(
      Protocol protocol, BodyCompression compression, boolean unique) {
    return BenchOptionsFixture.of(protocol, compression, unique, 0);
  }
}
