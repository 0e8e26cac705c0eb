package dev.tocsin.alert.derive;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.tocsin.otlp.wire.RecentItems;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.io.IOException;

/**
 * Walks Export…ServiceRequests and takes out the few fields {@code derive} needs, because a full
 * parse costs over ten times as much. It understands whatever the full parser does, in the same
 * way: fields of another wire type are unknown ones, and a message that stands twice is merged.
 */
final class OtlpFacts {
  /**
   * Field numbers the three requests share: resource entries in a request, resource in an entry.
   */
  private static final int ENTRY = messageTag(1);

  private static final int RESOURCE = messageTag(1);
  private static final int SCOPES = messageTag(2);
  private static final int SPANS = messageTag(2);
  private static final int SPAN_NAME = messageTag(5);
  private static final int SPAN_KIND = tag(6, WireFormat.WIRETYPE_VARINT);
  private static final int SPAN_START = tag(7, WireFormat.WIRETYPE_FIXED64);
  private static final int SPAN_END = tag(8, WireFormat.WIRETYPE_FIXED64);
  private static final int SPAN_STATUS = messageTag(15);
  private static final int STATUS_CODE = tag(3, WireFormat.WIRETYPE_VARINT);
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double TWO_TO_64 = 0x1p64;

  /** Who is told what a request holds, in its order; a resource comes before its spans. */
  interface Sink {
    void resource(ResourceIdentity resource);

    void span(SpanFact span);

    /**
     * Asked before a span is told of.
     *
     * @param origin a hash of its resource and scope
     * @param bytes that hold it, serialized
     */
    default boolean wants(long origin, byte[] bytes, int from, int to) {
      return true;
    }
  }

  private final byte[] request;
  private final boolean withSpans;
  private final Sink sink;

  private OtlpFacts(byte[] request, boolean withSpans, Sink sink) {
    this.request = request;
    this.withSpans = withSpans;
    this.sink = sink;
  }

  /**
   * Resources and spans of an ExportTraceServiceRequest.
   *
   * @throws InvalidProtocolBufferException when it is none; what the sink was told before does not
   *     count then
   */
  static void ofTraces(byte[] request, Sink sink) throws InvalidProtocolBufferException {
    new OtlpFacts(request, true, sink).read();
  }

  /**
   * Resources of any of the three requests.
   *
   * @throws InvalidProtocolBufferException when it is none; what the sink was told before does not
   *     count then
   */
  static void ofResources(byte[] request, Sink sink) throws InvalidProtocolBufferException {
    new OtlpFacts(request, false, sink).read();
  }

  private void read() throws InvalidProtocolBufferException {
    try {
      CodedInputStream in = CodedInputStream.newInstance(request);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == ENTRY) {
          entry(in.readRawVarint32(), in);
        } else {
          skip(in, tag);
        }
      }
    } catch (InvalidProtocolBufferException e) {
      throw e;
    } catch (IOException e) {
      throw new InvalidProtocolBufferException(e);
    }
  }

  /** The resource may stand after the scopes, so the entry is walked twice when it has spans. */
  private void entry(int length, CodedInputStream in) throws IOException {
    int from = in.getTotalBytesRead();
    int limit = in.pushLimit(length);
    Resource resource = null;
    long origin = 0;
    boolean scopes = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == RESOURCE) {
        byte[] serialized = in.readByteArray();
        origin = 31 * origin + RecentItems.mark(serialized, 0, serialized.length);
        Resource next = Resource.parseFrom(serialized);
        resource = resource == null ? next : resource.toBuilder().mergeFrom(next).build();
      } else {
        scopes |= tag == SCOPES;
        skip(in, tag);
      }
    }
    in.popLimit(limit);
    ResourceIdentity identity =
        ResourceIdentity.of(resource == null ? Resource.getDefaultInstance() : resource);
    sink.resource(identity);
    if (withSpans && scopes) {
      scopes(from, length, new Origin(identity.service(), origin));
    }
  }

  /** Where spans come from: the resource's service, and a hash of resource, and scope if known. */
  private record Origin(String service, long mark) {}

  private void scopes(int from, int length, Origin resource) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(request, from, length);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == SCOPES) {
        int size = in.readRawVarint32();
        int begin = from + in.getTotalBytesRead();
        in.skipRawBytes(size);
        spans(begin, size, resource);
      } else {
        skip(in, tag);
      }
    }
  }

  /** The scope may stand after its spans, too. */
  private void spans(int from, int length, Origin resource) throws IOException {
    long mark = resource.mark();
    CodedInputStream heads = CodedInputStream.newInstance(request, from, length);
    for (int tag = heads.readTag(); tag != 0; tag = heads.readTag()) {
      int begin = from + heads.getTotalBytesRead();
      skip(heads, tag);
      if (tag != SPANS) {
        mark =
            31 * (mark + tag) + RecentItems.mark(request, begin, from + heads.getTotalBytesRead());
      }
    }
    CodedInputStream in = CodedInputStream.newInstance(request, from, length);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == SPANS) {
        int size = in.readRawVarint32();
        int begin = from + in.getTotalBytesRead();
        in.skipRawBytes(size);
        if (sink.wants(mark, request, begin, begin + size)) {
          span(CodedInputStream.newInstance(request, begin, size), resource.service());
        }
      } else {
        skip(in, tag);
      }
    }
  }

  private void span(CodedInputStream in, String service) throws IOException {
    String name = "";
    int kind = 0;
    int status = 0;
    long start = 0;
    long end = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == SPAN_NAME) {
        name = in.readStringRequireUtf8();
      } else if (tag == SPAN_KIND) {
        kind = in.readEnum();
      } else if (tag == SPAN_START) {
        start = in.readFixed64();
      } else if (tag == SPAN_END) {
        end = in.readFixed64();
      } else if (tag == SPAN_STATUS) {
        status = statusCode(in, status);
      } else {
        skip(in, tag);
      }
    }
    int knownKind = SpanKind.forNumber(kind) == null ? 0 : kind;
    int knownStatus = StatusCode.forNumber(status) == null ? 0 : status;
    sink.span(
        new SpanFact(service, BoundedName.of(name), knownKind, knownStatus, seconds(start, end)));
  }

  /**
   * Times are unsigned. One of 0 is unknown, and a span that ends before it starts tells of clocks
   * only: such durations count as none, for one of decades would spoil every mean.
   */
  static double seconds(long startNanos, long endNanos) {
    if (startNanos == 0 || Long.compareUnsigned(endNanos, startNanos) <= 0) {
      return 0;
    }
    long nanos = endNanos - startNanos;
    return (nanos < 0 ? nanos + TWO_TO_64 : nanos) / NANOS_PER_SECOND;
  }

  /**
   * @param before what an earlier status of the same span said
   */
  private static int statusCode(CodedInputStream in, int before) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    int code = before;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == STATUS_CODE) {
        code = in.readEnum();
      } else {
        skip(in, tag);
      }
    }
    in.popLimit(limit);
    return code;
  }

  private static int messageTag(int field) {
    return tag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  }

  private static int tag(int field, int wireType) {
    return field << 3 | wireType;
  }

  private static void skip(CodedInputStream in, int tag) throws IOException {
    if (!in.skipField(tag)) {
      throw new InvalidProtocolBufferException("group end without a start");
    }
  }
}
