package dev.tocsin.segment.summary;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.otlp.wire.AttributeText;
import dev.tocsin.segment.index.Hashes;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Groups exceptions by service, type and stack. Not thread-safe. */
public final class ExceptionTable {
  /** Attributes by which a span event or a log record tells of an exception. */
  public static final String PREFIX = "exception.";

  public static final String TYPE = "exception.type";

  public static final String MESSAGE = "exception.message";
  public static final String STACK = "exception.stacktrace";

  /** The name of a span event that tells of an exception. */
  private static final String EVENT = "exception";

  private static final int EVENT_NAME = Span.Event.NAME_FIELD_NUMBER << 3 | 2;

  static final int GROUPS_MAX = 500;
  static final String OTHER = "(other exceptions)";

  private static final int MESSAGE_MAX = 1_024;
  private static final int STACK_MAX = 8_192;
  private static final int SHAPES_KEPT = 512;
  static final int SHAPES_CHARS_MAX = 2 << 20;
  private static final long MARK_PRIME = 0x9E3779B97F4A7C15L;
  private static final long NANOS_PER_MINUTE = 60_000_000_000L;

  /** Of a kind in a minute; where there are more, the larger count counts. */
  static final int MARKS_MAX = 200;

  /**
   * Where an exception was told of.
   *
   * @param traceId null when in none
   * @param spanHash {@link Hashes#fast} of the span's id, 0 when in none
   */
  record Place(@Nullable UUID traceId, long spanHash) {}

  private record Raw(String service, String type, String message, String stack) {
    int chars() {
      return service.length() + type.length() + message.length() + stack.length();
    }
  }

  private record Shape(long fingerprint, String type) {}

  private record Key(long fingerprint, long minute) {}

  private static final class Sum {
    String service = "";
    String type = "";
    String message = "";
    String stack = "";
    @Nullable UUID traceId;
    long firstNanos = Long.MAX_VALUE;
    long lastNanos = Long.MIN_VALUE;
    int occurrences;
    int marked;
    final List<Long> marks = new ArrayList<>();
  }

  private final Map<Key, Sum> sums = new HashMap<>();

  /** The same few exceptions come again and again; the one used longest ago is first. */
  private final LinkedHashMap<Raw, Shape> shapes = new LinkedHashMap<>(16, 0.75f, true);

  private int shapesChars;

  /** Whether a serialized span event tells of an exception. */
  static boolean isException(byte[] bytes, int from, int length)
      throws InvalidProtocolBufferException {
    CodedInputStream in = CodedInputStream.newInstance(bytes, from, length);
    boolean exception = false;
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == EVENT_NAME) {
          exception = in.readString().equals(EVENT);
        } else if (!in.skipField(tag)) {
          throw new InvalidProtocolBufferException("a group that ends without a start");
        }
      }
      return exception;
    } catch (InvalidProtocolBufferException e) {
      throw e;
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory", e);
    }
  }

  /** Counts what the attributes of a span event or of a log record tell of. */
  void add(String service, long nanos, Place place, List<KeyValue> attributes) {
    add(
        service,
        nanos,
        place,
        value(attributes, TYPE),
        value(attributes, MESSAGE),
        value(attributes, STACK));
  }

  private static String value(List<KeyValue> attributes, String key) {
    for (KeyValue pair : attributes) {
      if (pair.getKey().equals(key)) {
        return AttributeText.of(pair.getValue());
      }
    }
    return "";
  }

  /**
   * Counts an exception; nothing when all three texts are empty.
   *
   * @param nanos the time its span or log record is filed under
   */
  void add(String service, long nanos, Place place, String type, String message, String stack) {
    if (type.isEmpty() && message.isEmpty() && stack.isEmpty()) {
      return;
    }
    // The stack tells the kind; only without one does the message.
    Raw raw = new Raw(service, type, stack.isEmpty() ? message : "", stack);
    Shape shape = shapes.get(raw);
    if (shape == null) {
      shape = shape(service, type, message, stack);
      keep(raw, shape);
    }
    Key key = new Key(shape.fingerprint, Math.floorDiv(nanos, NANOS_PER_MINUTE));
    if (sums.size() >= GROUPS_MAX && !sums.containsKey(key)) {
      shape = shape(service, OTHER, "", "");
      key = new Key(shape.fingerprint, key.minute);
    }
    Sum sum = sums.computeIfAbsent(key, k -> new Sum());
    sum.occurrences++;
    OptionalLong mark = mark(place, type, message, stack);
    if (mark.isPresent()) {
      sum.marked++;
      if (sum.marks.size() < MARKS_MAX) {
        sum.marks.add(mark.getAsLong());
      }
    }
    sum.firstNanos = Math.min(sum.firstNanos, nanos);
    if (nanos >= sum.lastNanos) {
      sum.lastNanos = nanos;
      sum.service = CatalogueText.of(service);
      sum.type = shape.type;
      sum.message = CatalogueText.cut(message, MESSAGE_MAX);
      sum.stack = CatalogueText.cut(stack, STACK_MAX);
      sum.traceId = place.traceId == null ? sum.traceId : place.traceId;
    }
  }

  /**
   * What an event of a span and a log record have in common when both tell of one exception: trace,
   * span, the name of the type without what loggers leave out, and the message (or the stack, when
   * there is no message).
   */
  static OptionalLong mark(Place place, String type, String message, String stack) {
    UUID traceId = place.traceId;
    if (traceId == null || place.spanHash == 0) {
      return OptionalLong.empty();
    }
    String name = ExceptionShape.simple(ExceptionShape.type(type));
    String told = message.isBlank() ? stack.strip() : message.strip();
    long mark = Hashes.of(name + '\u0001' + told);
    for (long part :
        new long[] {
          traceId.getMostSignificantBits(), traceId.getLeastSignificantBits(), place.spanHash
        }) {
      mark = Long.rotateLeft(mark ^ part, 27) * MARK_PRIME;
    }
    return OptionalLong.of(mark);
  }

  private void keep(Raw raw, Shape shape) {
    shapes.put(raw, shape);
    shapesChars += raw.chars();
    Iterator<Raw> eldestFirst = shapes.keySet().iterator();
    while (shapes.size() > SHAPES_KEPT || shapesChars > SHAPES_CHARS_MAX) {
      shapesChars -= eldestFirst.next().chars();
      eldestFirst.remove();
    }
  }

  /** Characters of the texts that are kept to be known again. */
  int shapesChars() {
    return shapesChars;
  }

  private static Shape shape(String service, String type, String message, String stack) {
    String normalType = ExceptionShape.type(type);
    return new Shape(
        ExceptionShape.fingerprint(service, normalType, message, stack),
        CatalogueText.of(normalType));
  }

  /** The rows since the last call, in the order in which writers must lock them. */
  public List<ExceptionRow> drain() {
    List<ExceptionRow> rows = new ArrayList<>(sums.size());
    sums.forEach(
        (key, sum) ->
            rows.add(
                new ExceptionRow(
                    key.fingerprint,
                    key.minute,
                    sum.service,
                    sum.type,
                    sum.message,
                    sum.stack,
                    sum.traceId,
                    sum.firstNanos,
                    sum.lastNanos,
                    sum.occurrences,
                    sum.marked,
                    List.copyOf(sum.marks))));
    sums.clear();
    rows.sort(
        Comparator.comparingLong(ExceptionRow::fingerprint)
            .thenComparingLong(ExceptionRow::minute));
    return rows;
  }
}
