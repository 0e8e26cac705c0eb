package dev.tocsin.storage.summary;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.otlp.AttributeText;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;

/**
 * Tells a summarizer of spans as serialized OTLP, without building messages: only the few
 * attributes and events that matter are parsed. Field numbers are those of {@code trace.proto}.
 */
public final class SpanBytes {
  private static final int TRACE_ID = tag(Span.TRACE_ID_FIELD_NUMBER, 2);
  private static final int SPAN_ID = tag(Span.SPAN_ID_FIELD_NUMBER, 2);
  private static final int PARENT_ID = tag(Span.PARENT_SPAN_ID_FIELD_NUMBER, 2);
  private static final int NAME = tag(Span.NAME_FIELD_NUMBER, 2);
  private static final int KIND = tag(Span.KIND_FIELD_NUMBER, 0);
  private static final int START = tag(Span.START_TIME_UNIX_NANO_FIELD_NUMBER, 1);
  private static final int END = tag(Span.END_TIME_UNIX_NANO_FIELD_NUMBER, 1);
  private static final int ATTRIBUTES = tag(Span.ATTRIBUTES_FIELD_NUMBER, 2);
  private static final int EVENTS = tag(Span.EVENTS_FIELD_NUMBER, 2);
  private static final int STATUS = tag(Span.STATUS_FIELD_NUMBER, 2);
  private static final int STATUS_CODE = tag(3, 0);
  private static final int KEY = tag(KeyValue.KEY_FIELD_NUMBER, 2);
  private static final int VALUE = tag(KeyValue.VALUE_FIELD_NUMBER, 2);
  private static final int EVENT_NAME = tag(Span.Event.NAME_FIELD_NUMBER, 2);

  private SpanBytes() {}

  private static int tag(int field, int wireType) {
    return field << 3 | wireType;
  }

  /**
   * @param from where the span's own bytes begin, after its length
   * @param end where they end
   * @throws InvalidProtocolBufferException when they are no span; nothing was counted
   */
  public static void tell(
      String service, byte[] bytes, int from, int end, SpanSummarizer summarizer)
      throws InvalidProtocolBufferException {
    try {
      read(service, CodedInputStream.newInstance(bytes, from, end - from), summarizer);
    } catch (InvalidProtocolBufferException e) {
      summarizer.forget();
      throw e;
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory", e);
    }
  }

  private static void read(String service, CodedInputStream in, SpanSummarizer summarizer)
      throws IOException {
    ByteString traceId = ByteString.EMPTY;
    ByteString spanId = ByteString.EMPTY;
    ByteString parentId = ByteString.EMPTY;
    String name = "";
    int kind = 0;
    int status = 0;
    long start = 0;
    long stop = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == TRACE_ID) {
        traceId = in.readBytes();
      } else if (tag == SPAN_ID) {
        spanId = in.readBytes();
      } else if (tag == PARENT_ID) {
        parentId = in.readBytes();
      } else if (tag == NAME) {
        name = in.readString();
      } else if (tag == KIND) {
        kind = in.readEnum();
      } else if (tag == START) {
        start = in.readFixed64();
      } else if (tag == END) {
        stop = in.readFixed64();
      } else if (tag == ATTRIBUTES) {
        readAttribute(in, summarizer);
      } else if (tag == EVENTS) {
        readEvent(in, summarizer);
      } else if (tag == STATUS) {
        status = readStatus(in, status);
      } else if (!in.skipField(tag)) {
        throw new InvalidProtocolBufferException("a group that ends without a start");
      }
    }
    summarizer.add(service, traceId, spanId, parentId, name, kind, status, start, stop);
  }

  private static void readAttribute(CodedInputStream in, SpanSummarizer summarizer)
      throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    String key = "";
    ByteString value = ByteString.EMPTY;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == KEY) {
        key = in.readString();
      } else if (tag == VALUE && (key.isEmpty() || SpanSummarizer.wants(key))) {
        value = in.readBytes();
      } else if (!in.skipField(tag)) {
        throw new InvalidProtocolBufferException("a group that ends without a start");
      }
    }
    in.popLimit(outer);
    if (SpanSummarizer.wants(key)) {
      summarizer.attribute(key, AttributeText.of(AnyValue.parseFrom(value)));
    }
  }

  /** Parses the event only when it tells of an exception; its name comes before its attributes. */
  private static void readEvent(CodedInputStream in, SpanSummarizer summarizer) throws IOException {
    ByteString bytes = in.readBytes();
    CodedInputStream event = bytes.newCodedInput();
    for (int tag = event.readTag(); tag != 0; tag = event.readTag()) {
      if (tag == EVENT_NAME) {
        if (event.readString().equals(SpanSummarizer.EXCEPTION_EVENT)) {
          OtlpFeed.tell(Span.Event.parseFrom(bytes), summarizer);
        }
        return;
      }
      if (!event.skipField(tag)) {
        throw new InvalidProtocolBufferException("a group that ends without a start");
      }
    }
  }

  private static int readStatus(CodedInputStream in, int before) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    int code = before;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == STATUS_CODE) {
        code = in.readEnum();
      } else if (!in.skipField(tag)) {
        throw new InvalidProtocolBufferException("a group that ends without a start");
      }
    }
    in.popLimit(outer);
    return code;
  }
}
