package dev.tocsin.testkit.hostile;

import com.google.protobuf.CodedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Damages protobuf bytes field by field: whatever lies around the damaged field is written anew
 * with right lengths, so that a parser gets as far as the damage. It knows no schema: what can be
 * read as a message is taken for one. Now and then it damages plain bytes instead. Not thread-safe.
 */
public final class WireDamage {
  private static final int START_GROUP = 3;
  private static final int END_GROUP = 4;
  private static final int LENGTH_DELIMITED = 2;

  /** How deep parsers follow messages and groups; depths around it are tried most. */
  private static final int DEPTH_LIMIT = 100;

  private static final int PIECE_MAX = 24;

  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    127,
    128,
    Integer.MAX_VALUE,
    1L << 31,
    0xffffffffL,
    1L << 32,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  /** NUL, over-long forms, surrogates, beyond the last character, a lone tail and a lone head. */
  private static final byte[][] TEXTS = {
    {0}, {(byte) 0xc0, (byte) 0x80}, {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
    {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80}, {(byte) 0x80}, {(byte) 0xe2},
    {(byte) 0xf0, (byte) 0x9f, (byte) 0x98, (byte) 0x80}
  };

  private record Field(int start, int value, int end, int tag) {
    boolean isLengthDelimited() {
      return (tag & 7) == LENGTH_DELIMITED;
    }
  }

  private final SplittableRandom random;

  public WireDamage(SplittableRandom random) {
    this.random = random;
  }

  /** The message with one damage. */
  public byte[] damage(byte[] message) {
    return random.nextInt(8) == 0 ? plain(message) : field(message, 0);
  }

  /** Flips, replaces, removes, repeats or cuts off bytes. */
  private byte[] plain(byte[] bytes) {
    if (bytes.length == 0) {
      return noise(1 + random.nextInt(PIECE_MAX));
    }
    int at = random.nextInt(bytes.length);
    int end = Math.min(bytes.length, at + 1 + random.nextInt(PIECE_MAX));
    return switch (random.nextInt(5)) {
      case 0 -> {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        yield flipped;
      }
      case 1 -> spliced(bytes, at, end, noise(end - at));
      case 2 -> spliced(bytes, at, end);
      case 3 -> spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
      default -> Arrays.copyOf(bytes, at);
    };
  }

  /**
   * Damages one field of the message or, mostly, of one within it.
   *
   * @param depth of the message: how many it lies in
   */
  private byte[] field(byte[] message, int depth) {
    List<Field> fields = fields(message);
    if (fields.isEmpty()) {
      return plain(message);
    }
    Field field = fields.get(random.nextInt(fields.size()));
    byte[] value = Arrays.copyOfRange(message, field.value(), field.end());
    if (field.isLengthDelimited() && !fields(value).isEmpty() && random.nextInt(4) > 0) {
      byte[] inner = field(value, depth + 1);
      return spliced(message, field.start(), field.end(), lengthDelimited(field.tag(), inner));
    }
    return damaged(message, fields, field, value, depth);
  }

  private byte[] damaged(byte[] message, List<Field> fields, Field field, byte[] value, int depth) {
    int number = field.tag() >>> 3;
    byte[] whole = Arrays.copyOfRange(message, field.start(), field.end());
    byte[] other = lengthDelimited(field.tag(), value);
    byte[] changed =
        switch (random.nextInt(12)) {
          case 0 -> groups(random.nextBoolean() ? number : 1000, aroundLimit(depth), whole);
          case 1 -> nested(field.tag(), value, aroundLimit(depth) / (1 + random.nextInt(3)));
          case 2 -> join(varint(number << 3 | random.nextInt(8)), value);
          case 3 -> retyped(number);
          case 4 -> join(padded(field.tag(), 32), rest(message, field));
          case 5 ->
              field.isLengthDelimited()
                  ? join(varint(field.tag()), padded(value.length, 32), value)
                  : join(varint(field.tag()), padded(NUMBERS[random.nextInt(NUMBERS.length)], 64));
          case 6 ->
              join(varint(field.tag()), varint(NUMBERS[random.nextInt(NUMBERS.length)]), value);
          case 7 -> join(whole, random.nextBoolean() ? whole : other);
          case 8 -> new byte[0];
          case 9 -> join(whole, pick(message, fields));
          case 10 -> lengthDelimited(field.tag(), plain(value));
          default -> lengthDelimited(field.tag(), text(value));
        };
    return spliced(message, field.start(), field.end(), changed);
  }

  private static byte[] rest(byte[] message, Field field) {
    int tagBytes = varint(field.tag()).length;
    return Arrays.copyOfRange(
        message, Math.min(field.end(), field.start() + tagBytes), field.end());
  }

  /** As many levels as still fit, some more or fewer. */
  private int aroundLimit(int depth) {
    return random.nextInt(3) == 0
        ? 1 + random.nextInt(DEPTH_LIMIT)
        : Math.max(1, DEPTH_LIMIT - depth - 4 + random.nextInt(8));
  }

  private byte[] groups(int number, int count, byte[] content) {
    var out = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      out.writeBytes(varint(number << 3 | START_GROUP));
    }
    out.writeBytes(random.nextBoolean() ? content : new byte[0]);
    for (int i = random.nextInt(10) == 0 ? 1 : 0; i < count; i++) {
      out.writeBytes(varint(number << 3 | END_GROUP));
    }
    return out.toByteArray();
  }

  /** The field in itself, or an AnyValue in arrays, as often as told. */
  private byte[] nested(int tag, byte[] content, int count) {
    boolean any = random.nextBoolean();
    byte[] value = content;
    for (int i = 0; i < count; i++) {
      value =
          any ? lengthDelimited(0x2a, lengthDelimited(0x0a, value)) : lengthDelimited(tag, value);
    }
    return lengthDelimited(tag, value);
  }

  /** A field of another wire type that is whole. */
  private byte[] retyped(int number) {
    return switch (random.nextInt(4)) {
      case 0 -> join(varint(number << 3), varint(NUMBERS[random.nextInt(NUMBERS.length)]));
      case 1 -> join(varint(number << 3 | 1), noise(8));
      case 2 -> join(varint(number << 3 | 5), noise(4));
      default -> lengthDelimited(number << 3 | LENGTH_DELIMITED, noise(random.nextInt(24)));
    };
  }

  private byte[] text(byte[] value) {
    int at = random.nextInt(value.length + 1);
    return spliced(value, at, at, TEXTS[random.nextInt(TEXTS.length)]);
  }

  private byte[] pick(byte[] message, List<Field> fields) {
    Field field = fields.get(random.nextInt(fields.size()));
    return Arrays.copyOfRange(message, field.start(), field.end());
  }

  /** The number with bits set above those that count, or in more bytes than it needs. */
  private byte[] padded(long number, int bits) {
    if (bits < 64 && random.nextBoolean()) {
      return varint(number | random.nextLong() << bits);
    }
    byte[] plain = varint(number);
    byte[] longer = Arrays.copyOf(plain, Math.max(plain.length, 2 + random.nextInt(10)));
    for (int i = plain.length - 1; i < longer.length - 1; i++) {
      longer[i] |= (byte) 0x80;
    }
    return longer;
  }

  private byte[] noise(int length) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    return noise;
  }

  /** The fields of a message; none when it is no message. */
  private static List<Field> fields(byte[] message) {
    List<Field> fields = new ArrayList<>();
    CodedInputStream in = CodedInputStream.newInstance(message);
    try {
      while (!in.isAtEnd()) {
        int start = in.getTotalBytesRead();
        int tag = in.readTag();
        int value = in.getTotalBytesRead();
        if ((tag & 7) == LENGTH_DELIMITED) {
          int length = in.readRawVarint32();
          value = in.getTotalBytesRead();
          in.skipRawBytes(length);
        } else if (!in.skipField(tag)) {
          return List.of();
        }
        fields.add(new Field(start, value, in.getTotalBytesRead(), tag));
      }
      return fields;
    } catch (IOException noMessage) {
      return List.of();
    }
  }

  private static byte[] lengthDelimited(int tag, byte[] value) {
    return join(varint(tag), varint(value.length), value);
  }

  private static byte[] varint(long number) {
    byte[] bytes = new byte[10];
    int at = 0;
    long rest = number;
    while ((rest & ~0x7fL) != 0) {
      bytes[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[at++] = (byte) rest;
    return Arrays.copyOf(bytes, at);
  }

  private static byte[] spliced(byte[] in, int start, int end, byte[]... added) {
    var out = new ByteArrayOutputStream();
    out.write(in, 0, start);
    out.writeBytes(join(added));
    out.write(in, end, in.length - end);
    return out.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
