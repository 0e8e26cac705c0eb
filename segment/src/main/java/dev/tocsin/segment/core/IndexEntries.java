package dev.tocsin.segment.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.otlp.wire.AttributeText;
import dev.tocsin.segment.column.AttributeColumns;
import dev.tocsin.segment.column.AttributeColumns.Column;
import dev.tocsin.segment.column.BytesColumn;
import dev.tocsin.segment.column.SegmentFormatException;
import dev.tocsin.segment.column.SliceDictionary;
import dev.tocsin.segment.column.ValueColumn;
import dev.tocsin.segment.index.HashSet64;
import dev.tocsin.segment.index.Hashes;
import dev.tocsin.segment.index.TokenBloom;
import dev.tocsin.segment.index.Tokens;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;

/**
 * By what a segment is found: tokens of the keys on the list ({@link Tokens}), a bloom of every
 * other attribute and of the trace ids. What is not entered one by one (texts over {@link
 * #TEXT_BYTES_MAX}, many numbers, lists) is entered as "any value of the key", so that a search
 * never misses. Not thread-safe.
 */
public final class IndexEntries {
  /** Longer texts are not entered; whoever looks for one asks the bloom for any value. */
  public static final int TEXT_BYTES_MAX = 64;

  private final Tokens tokens = new Tokens();
  private final HashSet64 marks = new HashSet64();

  public Tokens tokens() {
    return tokens;
  }

  /** Any mark for the bloom. */
  public void mark(long hash) {
    marks.add(hash);
  }

  void addColumn(Column column, ValueColumn.Writer values, byte[] arena) {
    String key = column.key();
    switch (column.type()) {
      case STRING -> addTexts(key, values.bytes(), arena);
      case INT, BOOL, DOUBLE -> addNumbers(key, column.type(), values);
      case BYTES, ANY -> addAny(key);
      case PAIR -> addPairs(values.bytes(), arena);
    }
  }

  private void addTexts(String key, BytesColumn.Writer values, byte[] arena) {
    SliceDictionary distinct = values.distinct();
    boolean listed = Tokens.KEYS.contains(key);
    if (listed && distinct == null) {
      tokens.overflow(key);
      return;
    }
    long keyHash = Hashes.of(key);
    int count = distinct == null ? values.count() : distinct.size();
    for (int i = 0; i < count; i++) {
      int from = distinct == null ? values.from(i) : distinct.from(i);
      int to = distinct == null ? values.to(i) : distinct.to(i);
      if (listed) {
        tokens.add(key, new String(arena, from, to - from, UTF_8));
      } else if (to - from > TEXT_BYTES_MAX) {
        marks.add(Hashes.anyAttribute(key));
      } else {
        long hash = distinct == null ? Hashes.fast(arena, from, to) : distinct.hash(i);
        marks.add(Hashes.attribute(keyHash, hash));
      }
    }
  }

  private void addNumbers(String key, AttributeColumns.Type type, ValueColumn.Writer values) {
    if (!values.fewNumbers()) {
      addAny(key);
      return;
    }
    values.distinct().forEach(bits -> add(key, text(type, bits)));
  }

  /** A number as searches write it. */
  public static String text(AttributeColumns.Type type, long bits) {
    return switch (type) {
      case INT -> Long.toString(bits);
      case BOOL -> Boolean.toString(bits != 0);
      default -> Double.toString(Double.longBitsToDouble(bits));
    };
  }

  private void addPairs(BytesColumn.Writer values, byte[] arena) {
    for (int i = 0; i < values.count(); i++) {
      try {
        ByteString pair = ByteString.copyFrom(arena, values.from(i), values.to(i) - values.from(i));
        addAny(KeyValue.parseFrom(pair).getKey());
      } catch (InvalidProtocolBufferException e) {
        throw new SegmentFormatException("an attribute: " + e.getMessage(), e);
      }
    }
  }

  private void addAny(String key) {
    if (Tokens.KEYS.contains(key)) {
      tokens.overflow(key);
    } else {
      marks.add(Hashes.anyAttribute(key));
    }
  }

  /** An attribute of a resource, or a number as text. */
  void add(String key, String value) {
    if (Tokens.KEYS.contains(key)) {
      tokens.add(key, value);
    } else if (value.getBytes(UTF_8).length > TEXT_BYTES_MAX) {
      marks.add(Hashes.anyAttribute(key));
    } else {
      marks.add(Hashes.attribute(key, value));
    }
  }

  void add(KeyValue pair) {
    if (pair.getValue().getValueCase() == AnyValue.ValueCase.BYTES_VALUE) {
      addAny(pair.getKey());
    } else {
      add(pair.getKey(), AttributeText.of(pair.getValue()));
    }
  }

  public byte[] bloom() {
    return TokenBloom.of(marks);
  }
}
