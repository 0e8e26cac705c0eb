package dev.tocsin.otlp.wire;

import static dev.tocsin.otlp.wire.WireCursor.LENGTH_DELIMITED;
import static dev.tocsin.otlp.wire.WireCursor.tag;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Asks a {@link LabelLimit} about points of one resource. The resource is read at the first
 * question only, for most never come to one. Used by one thread.
 */
final class LabelCheck {
  private static final int RESOURCE = tag(1, LENGTH_DELIMITED);

  /**
   * A byte of an attribute makes at most so many characters of a label: a control character in a
   * list becomes an escape of JSON.
   */
  private static final int CHARS_A_BYTE_MAX = 6;

  /** What a series adds of its own: the ending of its name, and a bound. */
  private static final int OWN_CHARS_MAX = 100;

  /** What takes more to be read is left to whoever limits memory. */
  private static final long MEMORY_MAX = 8 << 20;

  private final @Nullable LabelLimit limit;
  private final byte[] bytes;
  private final int start;
  private final int end;
  private long identityBytes = -1;
  private @Nullable Resource identity;

  /**
   * @param start and end of a ResourceMetrics; it may be malformed as yet
   */
  LabelCheck(@Nullable LabelLimit limit, byte[] bytes, int start, int end) {
    this.limit = limit;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  /**
   * Whether a closer look is needed.
   *
   * @param labelBytes of a point's labels, beside those of its name and resource
   * @param nameBytes of the metric's name
   */
  boolean isDoubtful(long labelBytes, long nameBytes) {
    LabelLimit asked = limit;
    if (asked == null) {
      return false;
    }
    long all = labelBytes + nameBytes + identityBytes(asked);
    return CHARS_A_BYTE_MAX * all + OWN_CHARS_MAX > asked.charsMax()
        || nameBytes + OWN_CHARS_MAX > asked.nameCharsMax();
  }

  private long identityBytes(LabelLimit asked) {
    if (identityBytes < 0) {
      identityBytes = 0;
      try {
        WireCursor cursor = new WireCursor(bytes, start);
        while (cursor.position() < end) {
          int tag = cursor.readTag(end);
          if (tag == RESOURCE) {
            int resourceEnd = cursor.readEnd(end);
            identityBytes += SeriesIdentity.length(asked, bytes, cursor.position(), resourceEnd);
            cursor.moveTo(resourceEnd);
          } else {
            cursor.skip(tag, end);
          }
        }
      } catch (MalformedOtlpException malformed) {
        // The scan will say so.
        identityBytes = 0;
      }
    }
    return identityBytes;
  }

  /**
   * Whether the only point of a metric can be stored.
   *
   * @param metric in these bytes up to their end
   * @param memory the point would take
   */
  boolean fits(byte[] metric, int from, long memory) {
    LabelLimit asked = limit;
    if (asked == null || memory > MEMORY_MAX) {
      return true;
    }
    try {
      Metric parsed = Metric.parseFrom(ByteBuffer.wrap(metric, from, metric.length - from));
      return asked.fits(identity(asked), parsed);
    } catch (MalformedOtlpException | InvalidProtocolBufferException malformed) {
      return true;
    }
  }

  private Resource identity(LabelLimit asked) throws InvalidProtocolBufferException {
    Resource known = identity;
    if (known == null) {
      Resource.Builder whole = Resource.newBuilder();
      WireCursor cursor = new WireCursor(bytes, start);
      while (cursor.position() < end) {
        int tag = cursor.readTag(end);
        if (tag == RESOURCE) {
          int resourceEnd = cursor.readEnd(end);
          whole.mergeFrom(bytes, cursor.position(), resourceEnd - cursor.position());
          cursor.moveTo(resourceEnd);
        } else {
          cursor.skip(tag, end);
        }
      }
      known = asked.identity(whole.build());
      identity = known;
    }
    return known;
  }

  /** What the points should have been. */
  String expected() {
    return limit == null
        ? ""
        : "at most " + limit.charsMax() + " characters, names up to " + limit.nameCharsMax();
  }
}
