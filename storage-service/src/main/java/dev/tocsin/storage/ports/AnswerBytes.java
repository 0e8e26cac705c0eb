package dev.tocsin.storage.ports;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Map;

/**
 * How many bytes something has in an answer in JSON: never less than it will have. What an answer
 * costs must be known before it is made, and the stored size does not tell: a character that has to
 * be escaped becomes six.
 */
public final class AnswerBytes {
  /**
   * What making an answer takes, in times its bytes: the bytes themselves, the copy that a growing
   * buffer makes of them, and one that is on its way out.
   */
  public static final int COPIES = 3;

  /** Of a page; its last record may go beyond. */
  public static final long PAGE_MAX = 4L << 20;

  private static final int ESCAPED = 6;
  private static final int NUMBER = 26;

  private AnswerBytes() {}

  /** Of a text with its quotes. */
  public static long of(String text) {
    long bytes = 2;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || Character.isSurrogate(c)) {
        bytes += ESCAPED;
      } else if (c < 0x80) {
        bytes += c == '"' || c == '\\' ? 2 : 1;
      } else {
        bytes += c < 0x800 ? 2 : 3;
      }
    }
    return bytes;
  }

  /** Of a message as OTLP/JSON. */
  public static long of(Message message) {
    long bytes = 2;
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      bytes += of(field.getJsonName()) + 2;
      if (field.isRepeated()) {
        bytes += 2;
        for (Object element : (List<?>) entry.getValue()) {
          bytes += ofValue(element) + 1;
        }
      } else {
        bytes += ofValue(entry.getValue());
      }
    }
    return bytes;
  }

  private static long ofValue(Object value) {
    if (value instanceof Message message) {
      return of(message);
    }
    if (value instanceof String text) {
      return of(text);
    }
    // Ids are written in hexadecimal, others in base 64, which is shorter.
    return value instanceof ByteString bytes ? 2L + 2L * bytes.size() + 2 : NUMBER;
  }
}
