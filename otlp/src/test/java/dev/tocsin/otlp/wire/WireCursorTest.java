package dev.tocsin.otlp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** What a cursor reads, protobuf-java reads, and in the same way. */
class WireCursorTest {
  private interface Read {
    int get() throws IOException;
  }

  @Property
  void cursor_readsTags_asProtobufDoes(@ForAll @Size(min = 1, max = 12) byte[] bytes) {
    var in = CodedInputStream.newInstance(bytes);
    assertThat(read(() -> new WireCursor(bytes, 0).readTag(bytes.length)))
        .isEqualTo(read(in::readTag));
  }

  @Property
  void cursor_readsLengths_asProtobufDoes(
      @ForAll @IntRange(max = 20) int length,
      @ForAll long higherBits,
      @ForAll @IntRange(max = 20) int rest)
      throws IOException {
    byte[] bytes = new byte[10 + rest];
    var out = CodedOutputStream.newInstance(bytes);
    out.writeUInt64NoTag(higherBits << 32 | length);
    byte[] message = Arrays.copyOf(bytes, out.getTotalBytesWritten() + rest);
    var in = CodedInputStream.newInstance(message);
    assertThat(read(() -> new WireCursor(message, 0).readEnd(message.length)))
        .isEqualTo(
            read(
                () -> {
                  in.skipRawBytes(in.readRawVarint32());
                  return in.getTotalBytesRead();
                }));
  }

  private static OptionalInt read(Read read) {
    try {
      return OptionalInt.of(read.get());
    } catch (IOException | MalformedOtlpException malformed) {
      return OptionalInt.empty();
    }
  }
}
