package dev.tocsin.otlp.wire;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;

/**
 * What is made of protobuf takes this much memory, about: bytes in a heap of less than 32 GiB,
 * after the generated parser, and for points what storage and evaluation keep of their series as
 * well. Rather too much than too little; ParsedMemoryTest compares with what is really taken.
 */
final class Memory {
  /** A String or a ByteString, beside its bytes. */
  static final int TEXT = 44;

  /** A number of its own, as one of several kinds of value. */
  static final int BOXED = 24;

  /** One of repeated numbers, in an array that grows by half. */
  static final int NUMBER = 12;

  /** A field the parser does not know, with all that protobuf's map of them has around it. */
  static final int UNKNOWN_FIELD = 240;

  /** A KeyValue of two short texts, beside their bytes. */
  static final int PLAIN_ATTRIBUTE = 56 + 48 + 2 * TEXT;

  /** What is kept of a point beside its series until it is stored, and besides a copy of it. */
  private static final int POINT = 300;

  /** What is kept of a series beside its labels until it is stored. */
  private static final int SERIES = 700;

  /** A Metric or its data, without what they hold. */
  static final int MESSAGE_MAX = 240;

  /** Header, size, hash and unknown fields of a message. */
  private static final int MESSAGE = 32;

  /** Where it is named: a list grows by half. */
  private static final int REFERENCE = 8;

  /** A list with room for its first element. */
  private static final int LIST = 56;

  private Memory() {}

  /** A message without fields. */
  static int ofEmpty(Descriptor message) {
    int bytes = MESSAGE + REFERENCE + 8 * message.getRealOneofs().size();
    for (FieldDescriptor field : message.getFields()) {
      bytes += field.getRealContainingOneof() == null ? ofReference(field) : 0;
    }
    return bytes + 7 & ~7;
  }

  private static int ofReference(FieldDescriptor field) {
    boolean wide =
        switch (field.getJavaType()) {
          case LONG, DOUBLE -> true;
          default -> field.isRepeated() && field.isPacked();
        };
    return wide ? 8 : 4;
  }

  /** The lists a message may have when it is not empty. */
  static int ofLists(Descriptor message) {
    return LIST * (int) message.getFields().stream().filter(FieldDescriptor::isRepeated).count();
  }

  /** A number in a field, beyond the message's own. */
  static int ofNumber(FieldDescriptor field) {
    if (field.isRepeated()) {
      return NUMBER;
    }
    return field.getRealContainingOneof() == null ? 0 : BOXED;
  }

  /**
   * What a point takes beyond what it is parsed to.
   *
   * @param parsed memory of that
   * @param series that are made of it, each with its labels as text
   * @param labels length of its labels
   */
  static long ofPoint(long parsed, long series, long labels) {
    return POINT + parsed + series * (SERIES + 2 * labels);
  }

  /** What takes so much when it is made of series that all repeat a text of that length. */
  static long repeating(long heapBytes, int text) {
    return heapBytes + heapBytes * text / SERIES;
  }

  /** The reverse of {@link #repeating}. */
  static long withoutRepeating(long heapBytes, int text) {
    return heapBytes * SERIES / (SERIES + text);
  }
}
