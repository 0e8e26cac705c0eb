package dev.tocsin.ingest.process;

import static dev.tocsin.otlp.wire.WireCursor.LENGTH_DELIMITED;
import static dev.tocsin.otlp.wire.WireCursor.tag;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.CodedOutputStream;
import dev.tocsin.otlp.wire.AttributeText;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.otlp.wire.WireCursor;
import io.micrometer.core.instrument.Counter;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through the rules. Only messages in which something changes are written
 * anew, with the lengths of those around them; all other bytes are copied as they are.
 */
final class Rewriting {
  private static final byte[] REMOVED = {};
  private static final byte[] SERVICE_NAME = "service.name".getBytes(UTF_8);

  private final Signal signal;
  private final byte[] bytes;
  private final List<Counted<DropRule>> drops;
  private final List<Counted<RedactRule>> redactions;
  private Entry.Range resource = new Entry.Range(0, 0);
  private String service = "";

  /** A rule and what it does, in items or attributes. */
  record Counted<R>(R rule, Counter counter) {}

  Rewriting(
      Signal signal,
      byte[] bytes,
      List<Counted<DropRule>> drops,
      List<Counted<RedactRule>> redactions) {
    this.signal = signal;
    this.bytes = bytes;
    this.drops = drops;
    this.redactions = redactions;
  }

  /** The request as it goes on; the same array when nothing changed. */
  byte[] run(Shape request) {
    byte[] changed = message(request, 0, bytes.length);
    return changed == null ? bytes : changed;
  }

  private byte @Nullable [] message(Shape shape, int start, int end) {
    if (shape.isResourceItems()) {
      enterResource(start, end);
    }
    WireCursor cursor = new WireCursor(bytes, start);
    Output out = null;
    int copied = start;
    while (cursor.position() < end) {
      int fieldStart = cursor.position();
      int tag = cursor.readTag(end);
      Shape child = (tag & 7) == LENGTH_DELIMITED ? shape.child(tag >>> 3) : null;
      if (child == null) {
        cursor.skip(tag, end);
        continue;
      }
      int valueEnd = cursor.readEnd(end);
      byte[] changed = value(child, cursor.position(), valueEnd);
      cursor.moveTo(valueEnd);
      if (changed != null) {
        out = out == null ? new Output() : out;
        out.copy(bytes, copied, fieldStart);
        if (changed != REMOVED) {
          out.lengthDelimited(tag, changed);
        }
        copied = valueEnd;
      }
    }
    return out == null ? null : out.copy(bytes, copied, end).toBytes();
  }

  private byte @Nullable [] value(Shape shape, int start, int end) {
    if (shape == Shape.ATTRIBUTE) {
      return redactions.isEmpty() ? null : attribute(new Entry.Range(start, end));
    }
    if (shape.isEntry() && !drops.isEmpty() && isDropped(shape, start, end)) {
      return REMOVED;
    }
    return shape.isEntry() && redactions.isEmpty() ? null : message(shape, start, end);
  }

  /** Notes the resource of the entries to come, wherever it stands in their envelope. */
  private void enterResource(int start, int end) {
    resource = new Entry.Range(start, start);
    service = "";
    WireCursor cursor = new WireCursor(bytes, start);
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag != tag(1, LENGTH_DELIMITED)) {
        cursor.skip(tag, end);
        continue;
      }
      int valueEnd = cursor.readEnd(end);
      resource = new Entry.Range(cursor.position(), valueEnd);
      cursor.moveTo(valueEnd);
    }
    cursor.moveTo(resource.start());
    while (cursor.position() < resource.end()) {
      int tag = cursor.readTag(resource.end());
      if (tag != tag(1, LENGTH_DELIMITED)) {
        cursor.skip(tag, resource.end());
        continue;
      }
      int valueEnd = cursor.readEnd(resource.end());
      Entry.Range attribute = new Entry.Range(cursor.position(), valueEnd);
      Entry.Range key = Entry.key(bytes, attribute);
      if (Arrays.equals(bytes, key.start(), key.end(), SERVICE_NAME, 0, SERVICE_NAME.length)) {
        service = AttributeText.of(Entry.attribute(bytes, attribute).getValue());
      }
      cursor.moveTo(valueEnd);
    }
  }

  private boolean isDropped(Shape shape, int start, int end) {
    Entry entry = new Entry(signal, bytes, new Entry.Range(start, end), resource, service);
    boolean dropped = false;
    for (Counted<DropRule> drop : drops) {
      if (entry.meets(drop.rule())) {
        drop.counter().increment(signal == Signal.METRICS ? points(shape, start, end) : 1);
        if (!drop.rule().scope().dryRun()) {
          dropped = true;
          break;
        }
      }
    }
    return dropped;
  }

  private int points(Shape shape, int start, int end) {
    WireCursor cursor = new WireCursor(bytes, start);
    int points = 0;
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      Shape child = (tag & 7) == LENGTH_DELIMITED ? shape.child(tag >>> 3) : null;
      if (child != null && child.holdsPoints()) {
        int valueEnd = cursor.readEnd(end);
        points += points(child, cursor.position(), valueEnd);
        cursor.moveTo(valueEnd);
      } else {
        points += shape.holdsPoints() && tag == tag(1, LENGTH_DELIMITED) ? 1 : 0;
        cursor.skip(tag, end);
      }
    }
    return points;
  }

  private byte @Nullable [] attribute(Entry.Range range) {
    Entry.Range key = Entry.key(bytes, range);
    for (Counted<RedactRule> redaction : redactions) {
      RedactRule rule = redaction.rule();
      if (!rule.keys().matches(bytes, key.start(), key.end())) {
        continue;
      }
      KeyValue attribute = Entry.attribute(bytes, range);
      String text = AttributeText.of(attribute.getValue());
      if (rule.value().isPresent() && !rule.value().get().matches(text)) {
        continue;
      }
      redaction.counter().increment();
      if (!rule.scope().dryRun()) {
        return redacted(rule, attribute, text);
      }
    }
    return null;
  }

  private static byte[] redacted(RedactRule rule, KeyValue attribute, String text) {
    String replacement =
        switch (rule.action()) {
          case REMOVE -> "";
          case MASK -> "****";
          case HASH -> KeyedHash.of(rule.hashKey().orElseThrow(), text);
        };
    return rule.action() == RedactRule.Action.REMOVE
        ? REMOVED
        : attribute.toBuilder()
            .setValue(AnyValue.newBuilder().setStringValue(replacement))
            .build()
            .toByteArray();
  }

  /** Fields of a message that is written anew. */
  private static final class Output {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Output copy(byte[] source, int start, int end) {
      out.write(source, start, end - start);
      return this;
    }

    void lengthDelimited(int tag, byte[] value) {
      byte[] prefix = new byte[10];
      CodedOutputStream coded = CodedOutputStream.newInstance(prefix);
      try {
        coded.writeUInt32NoTag(tag);
        coded.writeUInt32NoTag(value.length);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot happen in memory", e);
      }
      out.write(prefix, 0, coded.getTotalBytesWritten());
      out.writeBytes(value);
    }

    byte[] toBytes() {
      return out.toByteArray();
    }
  }
}
