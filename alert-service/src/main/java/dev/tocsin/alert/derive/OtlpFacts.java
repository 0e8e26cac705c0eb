package dev.tocsin.alert.derive;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.opentelemetry.proto.resource.v1.Resource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks Export…ServiceRequests and takes out the few fields {@code derive} needs, because a full
 * parse costs over ten times as much. A request is read whole or not at all.
 */
final class OtlpFacts {
  /**
   * Field numbers the three requests share: resource entries in a request, resource in an entry.
   */
  private static final int ENTRY = 1;

  private static final int RESOURCE = 1;
  private static final int SCOPES = 2;
  private static final int SPANS = 2;
  private static final int SPAN_NAME = 5;
  private static final int SPAN_KIND = 6;
  private static final int SPAN_START = 7;
  private static final int SPAN_END = 8;
  private static final int SPAN_STATUS = 15;
  private static final int STATUS_CODE = 3;
  private static final int NAME_CHARS_MAX = 256;
  private static final double NANOS_PER_SECOND = 1e9;

  private final List<ResourceIdentity> resources = new ArrayList<>();
  private final List<SpanFact> spans = new ArrayList<>();

  private OtlpFacts() {}

  /**
   * Resources and spans of an ExportTraceServiceRequest.
   *
   * @throws InvalidProtocolBufferException when it is none
   */
  static OtlpFacts ofTraces(byte[] request) throws InvalidProtocolBufferException {
    return read(request, true);
  }

  /**
   * Resources of any of the three requests.
   *
   * @throws InvalidProtocolBufferException when it is none
   */
  static OtlpFacts ofResources(byte[] request) throws InvalidProtocolBufferException {
    return read(request, false);
  }

  List<ResourceIdentity> resources() {
    return resources;
  }

  List<SpanFact> spans() {
    return spans;
  }

  private static OtlpFacts read(byte[] request, boolean withSpans)
      throws InvalidProtocolBufferException {
    OtlpFacts facts = new OtlpFacts();
    try {
      CodedInputStream in = CodedInputStream.newInstance(request);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (isMessage(tag, ENTRY)) {
          facts.entry(request, in.readRawVarint32(), in, withSpans);
        } else {
          skip(in, tag);
        }
      }
      return facts;
    } catch (InvalidProtocolBufferException e) {
      throw e;
    } catch (IOException e) {
      throw new InvalidProtocolBufferException(e);
    }
  }

  /** The resource may stand after the scopes, so the entry is walked twice when it has spans. */
  private void entry(byte[] request, int length, CodedInputStream in, boolean withSpans)
      throws IOException {
    int from = in.getTotalBytesRead();
    int limit = in.pushLimit(length);
    Resource resource = Resource.getDefaultInstance();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (isMessage(tag, RESOURCE)) {
        resource = Resource.parseFrom(in.readByteArray());
      } else {
        skip(in, tag);
      }
    }
    in.popLimit(limit);
    ResourceIdentity identity = ResourceIdentity.of(resource);
    resources.add(identity);
    if (withSpans) {
      scopes(CodedInputStream.newInstance(request, from, length), identity.service());
    }
  }

  private void scopes(CodedInputStream in, String service) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (isMessage(tag, SCOPES)) {
        int limit = in.pushLimit(in.readRawVarint32());
        for (int inner = in.readTag(); inner != 0; inner = in.readTag()) {
          if (isMessage(inner, SPANS)) {
            span(in, service);
          } else {
            skip(in, inner);
          }
        }
        in.popLimit(limit);
      } else {
        skip(in, tag);
      }
    }
  }

  private void span(CodedInputStream in, String service) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    String name = "";
    int kind = 0;
    int status = 0;
    long start = 0;
    long end = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case SPAN_NAME -> name = in.readStringRequireUtf8();
        case SPAN_KIND -> kind = in.readEnum();
        case SPAN_START -> start = in.readFixed64();
        case SPAN_END -> end = in.readFixed64();
        case SPAN_STATUS -> status = statusCode(in);
        default -> skip(in, tag);
      }
    }
    in.popLimit(limit);
    double seconds = Math.max(0, end - start) / NANOS_PER_SECOND;
    String shortName = name.length() > NAME_CHARS_MAX ? name.substring(0, NAME_CHARS_MAX) : name;
    spans.add(new SpanFact(service, shortName, kind, status, seconds));
  }

  private static int statusCode(CodedInputStream in) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    int code = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == STATUS_CODE) {
        code = in.readEnum();
      } else {
        skip(in, tag);
      }
    }
    in.popLimit(limit);
    return code;
  }

  private static boolean isMessage(int tag, int field) {
    return WireFormat.getTagFieldNumber(tag) == field
        && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  private static void skip(CodedInputStream in, int tag) throws IOException {
    if (!in.skipField(tag)) {
      throw new InvalidProtocolBufferException("group end without a start");
    }
  }
}
