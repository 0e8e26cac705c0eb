package dev.tocsin.storage.read.scan;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes one item of a list as small as a list can bear: ingest takes records of megabytes, and a
 * page has hundreds of them. Texts are cut to {@link #TEXT_BYTES_MAX}; what goes beyond {@link
 * #ITEM_BYTES_MAX} in all is left out. What comes out shares no memory with what went in. One for
 * each item; not thread-safe.
 */
public final class Shortening {
  /** Of one text, in UTF-8; a character is never halved. */
  public static final int TEXT_BYTES_MAX = 16 << 10;

  /** Of all that one item has. */
  public static final int ITEM_BYTES_MAX = 64 << 10;

  /** What a value or a pair takes beside its text: an estimate. */
  private static final int VALUE_BYTES = 16;

  private int left = ITEM_BYTES_MAX;
  private boolean cut;

  /** Whether something is missing of what it was given. */
  public boolean hasCut() {
    return cut;
  }

  /** A text of at most so many bytes. */
  public static String text(String whole, int bytesMax) {
    if (whole.length() <= bytesMax / 3) {
      return whole;
    }
    // No character has less than a byte, so that more of them are never needed.
    ByteString beginning =
        ByteString.copyFrom(whole.substring(0, Math.min(whole.length(), bytesMax + 1)), UTF_8);
    return whole.length() <= bytesMax && beginning.size() <= bytesMax
        ? whole
        : beginning.substring(0, wholeCharacters(beginning, bytesMax)).toStringUtf8();
  }

  private static int wholeCharacters(ByteString bytes, int bytesMax) {
    int end = Math.min(bytes.size(), bytesMax);
    while (end > 0 && end < bytes.size() && (bytes.byteAt(end) & 0xC0) == 0x80) {
      end--;
    }
    return end;
  }

  /** A text of the item, as long as there is room. */
  public String text(ByteString whole) {
    int end = wholeCharacters(whole, Math.max(0, Math.min(left, TEXT_BYTES_MAX)));
    cut |= end < whole.size();
    left -= end;
    return whole.substring(0, end).toStringUtf8();
  }

  public LogRecord log(LogRecord whole) {
    LogRecord.Builder log =
        LogRecord.newBuilder()
            .setTimeUnixNano(whole.getTimeUnixNano())
            .setObservedTimeUnixNano(whole.getObservedTimeUnixNano())
            .setSeverityNumberValue(whole.getSeverityNumberValue())
            .setSeverityText(text(whole.getSeverityTextBytes()))
            .setEventName(text(whole.getEventNameBytes()))
            .setFlags(whole.getFlags())
            .setTraceId(bytes(whole.getTraceId()))
            .setSpanId(bytes(whole.getSpanId()))
            .setDroppedAttributesCount(whole.getDroppedAttributesCount());
    if (whole.hasBody()) {
      log.setBody(value(whole.getBody()));
    }
    return log.addAllAttributes(pairs(whole.getAttributesList())).build();
  }

  public ResourceLogs resource(ResourceLogs whole) {
    ResourceLogs.Builder resource =
        ResourceLogs.newBuilder().setSchemaUrl(text(whole.getSchemaUrlBytes()));
    if (whole.hasResource()) {
      cut |= whole.getResource().getEntityRefsCount() > 0;
      resource.setResource(
          Resource.newBuilder()
              .setDroppedAttributesCount(whole.getResource().getDroppedAttributesCount())
              .addAllAttributes(pairs(whole.getResource().getAttributesList())));
    }
    return resource.build();
  }

  public ScopeLogs scope(ScopeLogs whole) {
    ScopeLogs.Builder scope = ScopeLogs.newBuilder().setSchemaUrl(text(whole.getSchemaUrlBytes()));
    if (whole.hasScope()) {
      InstrumentationScope named = whole.getScope();
      scope.setScope(
          InstrumentationScope.newBuilder()
              .setName(text(named.getNameBytes()))
              .setVersion(text(named.getVersionBytes()))
              .setDroppedAttributesCount(named.getDroppedAttributesCount())
              .addAllAttributes(pairs(named.getAttributesList())));
    }
    return scope.build();
  }

  private List<KeyValue> pairs(List<KeyValue> whole) {
    List<KeyValue> pairs = new ArrayList<>();
    for (KeyValue pair : whole) {
      if (!hasRoom()) {
        break;
      }
      KeyValue.Builder shortened =
          KeyValue.newBuilder()
              .setKey(text(pair.getKeyBytes()))
              .setKeyStrindex(pair.getKeyStrindex());
      if (pair.hasValue()) {
        shortened.setValue(value(pair.getValue()));
      }
      pairs.add(shortened.build());
    }
    return pairs;
  }

  private AnyValue value(AnyValue whole) {
    left -= VALUE_BYTES;
    return switch (whole.getValueCase()) {
      case STRING_VALUE ->
          AnyValue.newBuilder().setStringValue(text(whole.getStringValueBytes())).build();
      case BYTES_VALUE -> AnyValue.newBuilder().setBytesValue(bytes(whole.getBytesValue())).build();
      case ARRAY_VALUE ->
          AnyValue.newBuilder()
              .setArrayValue(
                  ArrayValue.newBuilder()
                      .addAllValues(values(whole.getArrayValue().getValuesList())))
              .build();
      case KVLIST_VALUE ->
          AnyValue.newBuilder()
              .setKvlistValue(
                  KeyValueList.newBuilder()
                      .addAllValues(pairs(whole.getKvlistValue().getValuesList())))
              .build();
      default -> whole;
    };
  }

  private List<AnyValue> values(List<AnyValue> whole) {
    List<AnyValue> values = new ArrayList<>();
    for (AnyValue value : whole) {
      if (!hasRoom()) {
        break;
      }
      values.add(value(value));
    }
    return values;
  }

  private boolean hasRoom() {
    boolean room = left >= VALUE_BYTES;
    cut |= !room;
    return room;
  }

  private ByteString bytes(ByteString whole) {
    int end = Math.max(0, Math.min(whole.size(), Math.min(left, TEXT_BYTES_MAX)));
    cut |= end < whole.size();
    left -= end;
    return ByteString.copyFrom(whole.substring(0, end).toByteArray());
  }
}
